// What a gunicorn configuration means behind a proxy: what will lose workers, hide why, or count wrongly. Pure.

import type { Config } from '../../../config/config.ts'
import type { Finding } from '../../../config/judgement.ts'
import type { GunicornSettings } from './gunicorn-settings.ts'

/** gunicorn's own defaults, for what the file leaves out (docs.gunicorn.org, settings). */
const DEFAULTS = {
  timeout: 30,
  graceful_timeout: 30,
  workers: 1,
  threads: 1,
  keepalive: 2,
  worker_class: 'sync',
}

/** gunicorn prints a hook that nobody has set as an object of its own class: `<WorkerAbort.worker_abort()>`. */
function hookSet(settings: GunicornSettings, name: string): boolean {
  const value = settings.values.get(name)
  return value !== undefined && value !== 'None' && !/^<\w+\.\w+\(\)>$/.test(value)
}

export function judgeGunicorn(settings: GunicornSettings, config: Config | null): Finding[] {
  const { values, from } = settings
  const number = (name: 'timeout' | 'graceful_timeout' | 'workers' | 'threads' | 'keepalive') =>
    Number(values.get(name) ?? DEFAULTS[name])
  const said = (name: keyof typeof DEFAULTS) =>
    `${name} = ${values.get(name) ?? DEFAULTS[name]}${values.has(name) ? '' : ' (the default)'}, by ${from}`
  const found: Finding[] = []
  const add = (finding: string, evidence: string, remedy: string) => found.push({ finding, evidence, remedy })
  const [timeout, graceful] = [number('timeout'), number('graceful_timeout')]
  const kind = values.get('worker_class') ?? 'sync'
  const blocking = /(^|\.)(sync|gthread)(\.|$|Worker)/i.test(kind) && !/async|uvicorn/i.test(kind)

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
  if (edge?.givesUpAfter != null && timeout * 1000 > edge.givesUpAfter) {
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
  if (config?.workers != null && blocking && config.workers !== slots) {
    add(
      config.workers > slots
        ? 'requests are given to gunicorn that no worker can take: they wait in its backlog, where a restart loses them'
        : 'workers stay idle while requests wait',
      `${config.workersFrom}: ${config.workers}; ${said('workers')} × ${said('threads')}`,
      `give --workers ${slots}, or leave it out`,
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
  if (!hookSet(settings, 'worker_abort')) {
    add(
      'when a worker is killed for its timeout, the log does not say which request it had',
      `no worker_abort hook, by ${from}`,
      'use conf/gunicorn.conf.py, which names the request and its stack',
    )
  }
  if (values.get('capture_output') === 'True' && values.get('errorlog') === 'None') {
    add(
      'what the app prints is lost',
      `capture_output = True without errorlog, by ${from}`,
      "set errorlog = '-'",
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
