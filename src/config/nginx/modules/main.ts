// The outermost level and `events`: whose the process is, its pid file, and what nginx says there of processes and events
// that one process with an event loop has no use for (its core, ngx_event_core_module).

import { missingAccount } from '../accounts.ts'
import { readRange } from '../range.ts'
import { harmless, list, own, readFlag, refused, time } from '../rows.ts'
import type { MainConfig } from '../site.ts'
import { type Context, fromPrefix, type Module } from '../table.ts'

const MAIN: readonly Context[] = ['main']
const EVENTS: readonly Context[] = ['events']

const PROCESSES = 'one process serves, in as many threads as --cores says'
const MANY = 'how many connections there may be follows from the limit on open files, or is --max-connections'
const LOOP = 'Node’s event loop waits in the way that suits the system'
const UNIT =
  'it is set where the process is started, as a systemd unit does with LimitNOFILE=, Nice= and the like'
const DEBUG = 'it serves the debugging of nginx itself; --log-level debug tells more here'
const MODULES = 'nothing is loaded; each directive that such a module brings is judged by itself'

export const main: Module = {
  name: 'ngx_core_module',
  rows: [
    own('user', MAIN, [1, 2], 'user', ({ args: [name, group = null], at }, reading): MainConfig['user'] => {
      const user = { name: name!, group }
      // Another machine than the one that it is for may well be asked whether a file is right.
      const missing = process.getuid?.() === 0 ? missingAccount(user) : null
      if (process.getuid?.() !== 0)
        reading.remark('warn', '"user" has an effect only where the process is started as root', at)
      else if (missing !== null) reading.remark('warn', `${missing}, and a start as root would fail`, at)
      return user
    }),
    own('pid', MAIN, 1, 'pid', (node, reading) => fromPrefix(node.args[0]!, reading)),
    time('worker_shutdown_timeout', MAIN, 'workerShutdownTimeout'),
    own('daemon', MAIN, 1, 'daemon', (node, reading) => {
      if (readFlag(node, reading) === true)
        reading.remark('notice', '"daemon on" has no effect: the process stays in the foreground', node.at)
      return undefined
    }),
    harmless('master_process', MAIN, 'flag', PROCESSES),
    harmless('worker_processes', MAIN, 1, PROCESSES),
    harmless('worker_cpu_affinity', MAIN, [1, Number.POSITIVE_INFINITY], PROCESSES),
    harmless('lock_file', MAIN, 1, PROCESSES),
    harmless('worker_priority', MAIN, 1, UNIT),
    harmless('worker_rlimit_nofile', MAIN, 'number', UNIT),
    harmless('worker_rlimit_core', MAIN, 1, UNIT),
    harmless('worker_rlimit_sigpending', MAIN, 1, UNIT),
    harmless('working_directory', MAIN, 1, UNIT),
    {
      ...harmless('env', MAIN, 1, 'the app of a command after -- gets the whole environment'),
      repeats: true,
    },
    { ...harmless('load_module', MAIN, 1, MODULES), repeats: true },
    harmless('timer_resolution', MAIN, 'time', LOOP),
    { ...harmless('thread_pool', MAIN, [2, 3], 'libuv has threads of its own for files'), repeats: true },
    harmless('pcre_jit', MAIN, 'flag', 'regular expressions are compiled by V8'),
    harmless('debug_points', MAIN, 1, DEBUG),
    harmless('google_perftools_profiles', MAIN, 1, DEBUG),
    refused(
      'ssl_engine',
      MAIN,
      'keys are read from files; name them in "ssl_certificate_key" and leave this line out',
    ),
    refused('stream', MAIN, 'only HTTP is proxied; leave this block to nginx or HAProxy', true),
    refused('mail', MAIN, 'only HTTP is proxied; leave this block to nginx', true),

    harmless('worker_connections', EVENTS, 1, MANY),
    harmless('use', EVENTS, 1, LOOP),
    harmless('multi_accept', EVENTS, 'flag', LOOP),
    harmless('accept_mutex', EVENTS, 'flag', PROCESSES),
    harmless('accept_mutex_delay', EVENTS, 'time', PROCESSES),
    harmless('worker_aio_requests', EVENTS, 'number', LOOP),
    harmless('epoll_events', EVENTS, 'number', LOOP),
    harmless('kqueue_changes', EVENTS, 1, LOOP),
    harmless('kqueue_events', EVENTS, 1, LOOP),
    harmless('devpoll_changes', EVENTS, 1, LOOP),
    harmless('devpoll_events', EVENTS, 1, LOOP),
    harmless('eventport_events', EVENTS, 1, LOOP),
    list('debug_connection', EVENTS, 1, 'debugged', ({ args, at }, reading): MainConfig['debugged'] => {
      const who = args[0]!
      if (who === 'unix:') return ['unix']
      const read = readRange(who)
      if (read?.masked) reading.remark('warn', `low address bits of ${who} are meaningless`, at)
      if (read !== null) return [read.range]
      reading.remark(
        'warn',
        `"debug_connection" takes addresses and networks here, and "${who}" is neither`,
        at,
      )
      return []
    }),
  ],
  defaults: {},
}
