// What a gunicorn configuration means behind a proxy: what will lose workers, hide why, or count wrongly. Pure.

import type { Config } from '../../../config/config.ts'
import type { Finding } from '../../../config/judgement.ts'
import { type Defaulted, describeSetting, type GunicornSettings, settingOf } from './gunicorn-settings.ts'

/** gunicorn prints a hook that nobody has set as an object of its own class: `<WorkerAbort.worker_abort()>`. */
function hookSet(settings: GunicornSettings, name: string): boolean {
  const value = settings.values.get(name)
  return value !== undefined && value !== 'None' && !/^<\w+\.\w+\(\)>$/.test(value)
}

/** Where one of these is given, `errorlog` does not say where gunicorn's lines go. */
const LOGGED_ELSEWHERE = ['logconfig', 'logconfig_dict', 'logconfig_json', 'syslog']

function isGiven(value: string | undefined): boolean {
  return value !== undefined && !['None', '', '{}', 'False'].includes(value)
}

/** The address by which others reach a gunicorn that stands behind a shield on its own machine, or null. */
function openToAll(bind: string | undefined, config: Config | null): string | null {
  const here = config?.upstreams.every(
    ({ address }) => address.kind === 'unix' || /^(127\.|::1$|localhost$)/.test(address.host),
  )
  if (bind === undefined || here !== true) return null
  return /(?:^|[\s['"])((?:0\.0\.0\.0|\[::\]|):\d+)/.exec(bind)?.[1] ?? null
}

/** @param config of the proxy that stands in front; null: not known, and what hangs on both is not judged */
export function judgeGunicorn(settings: GunicornSettings, config: Config | null): Finding[] {
  const { values, from } = settings
  // What cannot be seen is no number, of which no comparison below holds.
  const number = (name: Exclude<Defaulted, 'worker_class'>) => Number(settingOf(settings, name) ?? Number.NaN)
  const said = (name: Defaulted) => `${describeSetting(settings, name)}, by ${from}`
  const found: Finding[] = []
  const add = (finding: string, evidence: string, remedy: string) => found.push({ finding, evidence, remedy })
  const [timeout, graceful] = [number('timeout'), number('graceful_timeout')]
  const kind = settingOf(settings, 'worker_class')
  const blocking =
    kind === null ? null : /(^|\.)(sync|gthread)(\.|$|Worker)/i.test(kind) && !/async|uvicorn/i.test(kind)

  if (timeout === 0) {
    add(
      'a request that hangs holds its worker for ever',
      said('timeout'),
      'set timeout to the longest that a request may take, such as 60',
    )
  } else if (timeout > 120) {
    add(
      'a request that hangs holds its worker for minutes',
      said('timeout'),
      'lower timeout to what visitors wait for (edges give up after 15 to 100 s), and move longer work to a background job',
    )
  }
  if (graceful < timeout && timeout > 0) {
    add(
      'a request that is still within its time is killed when gunicorn reloads or stops',
      `${said('graceful_timeout')}; ${said('timeout')}`,
      `set graceful_timeout to ${timeout}, and let your platform wait longer than that before it kills`,
    )
  }
  const edge = config?.edge
  // Where the shield knows the same timeout, its own settings are judged for that already.
  const known = config?.workerTimeout === timeout * 1000
  if (edge?.givesUpAfter != null && timeout * 1000 > edge.givesUpAfter && !known) {
    add(
      `${edge.name} gives up before gunicorn does`,
      `${said('timeout')}; ${edge.name} waits ${edge.givesUpAfter / 1000} s`,
      `set timeout below ${edge.givesUpAfter / 1000}`,
    )
  }
  if (config?.workerTimeout != null && config.workerTimeout !== timeout * 1000 && timeout > 0) {
    add(
      'the shield counts with another worker timeout than gunicorn',
      `--worker-timeout ${config.workerTimeout / 1000} s; ${said('timeout')}`,
      `give --worker-timeout ${timeout}s`,
    )
  }
  const slots = number('workers') * number('threads')
  if (config?.workers != null && blocking && slots > 0 && config.workers !== slots) {
    add(
      config.workers > slots
        ? 'requests are given to gunicorn that no worker can take: they wait in its backlog, where a restart loses them'
        : 'workers stay idle while requests wait',
      `${config.workersFrom}: ${config.workers}; ${said('workers')} × ${said('threads')}`,
      `give --workers ${slots}, or leave it out`,
    )
  }
  // Only where it is known: a file that computes its number cannot be read without Python.
  if (blocking && slots === 1 && values.has('workers')) {
    add(
      'one slow request stops all others, and a worker that is killed leaves none',
      `${said('workers')} × ${said('threads')}`,
      'give workers as many as memory allows, such as two for each processor core and one',
    )
  }
  if (blocking === false && config?.workers != null && config.workersFrom === '--workers') {
    add(
      'requests wait that the app would take: workers of this class have many under way at once',
      `--workers ${config.workers}; ${said('worker_class')}`,
      'leave --workers out, and the limit is found to be none; or give how many requests the app bears at once',
    )
  }
  const open = blocking ? openToAll(values.get('bind'), config) : null
  if (open !== null) {
    add(
      'whoever reaches gunicorn’s port can hold a worker, with a connection that sends nothing',
      `bind = ${open}, by ${from}`,
      'bind to 127.0.0.1 or a Unix socket, as the shield is on this machine',
    )
  }
  if (kind === 'gthread' && number('keepalive') > 0 && number('threads') === 1) {
    add(
      'a thread may be kept by a connection that idles',
      `${said('worker_class')}; ${said('keepalive')}`,
      'give the workers more than one thread; behind the shield every connection is closed after its request',
    )
  }
  if (values.get('preload_app') === 'True') {
    add(
      'a reload (HUP) does not load new code, and what was opened before the fork is shared by all workers',
      `preload_app = True, by ${from}`,
      'leave preload_app out, unless memory demands it and the app opens its database and sockets after the fork',
    )
  }
  if (settings.fileSeen && !hookSet(settings, 'worker_abort')) {
    add(
      'when a worker is killed for its timeout, the log does not say which request it had',
      `no worker_abort hook, by ${from}`,
      'use conf/gunicorn.conf.py, which names the request and its stack',
    )
  }
  const errorLog = values.get('errorlog') ?? '-'
  if (errorLog !== '-' && !LOGGED_ELSEWHERE.some(name => isGiven(values.get(name)))) {
    add(
      'how workers end is told where neither the platform’s log nor a shield that runs gunicorn hears it',
      `errorlog = ${errorLog}, by ${from}`,
      "set errorlog = '-'",
    )
  }
  if (values.get('loglevel')?.toLowerCase() === 'critical') {
    add(
      'gunicorn does not say that a worker was killed, or crashed',
      `loglevel = ${values.get('loglevel')}, by ${from}`,
      'leave loglevel out (info), or set warning',
    )
  }
  if (values.get('forwarded_allow_ips')?.includes('*')) {
    add(
      'gunicorn believes forwarding headers from anybody who reaches its port',
      `forwarded_allow_ips = ${values.get('forwarded_allow_ips')}, by ${from}`,
      'name the shield only (127.0.0.1 is the default), unless nothing else can reach the port',
    )
  }
  if (values.get('daemon') === 'True') {
    add(
      'nobody hears gunicorn, and signals do not reach it',
      `daemon = True, by ${from}`,
      'leave daemon out: let the platform, or shieldproxy, run it',
    )
  }
  return found
}
