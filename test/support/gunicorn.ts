// Real gunicorn for tests: sync workers, a short worker timeout, an app whose behaviour is chosen by path
// (`apps/app.py`), gates to order by, and the server's own log to look for WORKER TIMEOUT in.

import { AppServer } from './app-server.ts'
import { type Gate, openGate } from './gate.ts'
import { type Owner, temporaryFolder } from './owner.ts'
import { freePort } from './ports.ts'

export interface GunicornOptions {
  workers?: number
  /** Seconds. */
  timeout?: number
  /** `127.0.0.1:PORT` or `unix:/path`; by default a free port. */
  bind?: string
  args?: string[]
  env?: Record<string, string>
}

export class Gunicorn extends AppServer {
  /** For `--upstream`. Known once started. */
  address = ''
  readonly #options: GunicornOptions

  constructor(gate: Gate, folder: string, bind: string, options: GunicornOptions) {
    super('gunicorn', gate, folder)
    this.#options = options
    this.address = bind
  }

  /** The master's process id. */
  get pid(): number {
    return this.child?.pid as number
  }

  /** Starts it, at its former address when it had one; settles when all workers have booted. */
  async start(): Promise<void> {
    const { workers = 4, timeout = 3, args = [] } = this.#options
    const env: NodeJS.ProcessEnv = { ...process.env }
    for (const name of ['WEB_CONCURRENCY', 'GUNICORN_CMD_ARGS', 'PORT']) delete env[name]
    Object.assign(env, this.#options.env)
    const told = ['--workers', String(workers), '--timeout', String(timeout), '--bind', this.address]
    const since = await this.run([...told, ...args, 'app:app'], env, workers, 'Booting worker')
    const said = /Listening at: (?:http:\/\/(\S+)|(unix:\S+))/.exec(since('Listening at')[0] ?? '')
    this.address = said?.[1] ?? said?.[2] ?? this.address
  }

  /** Ends it: TERM lets requests finish, QUIT and KILL do not. Settles when the master is gone. */
  async stop(signal: 'SIGTERM' | 'SIGQUIT' | 'SIGKILL' = 'SIGQUIT'): Promise<void> {
    const { child } = this
    if (child === null) return
    if (child.exitCode === null && child.signalCode === null) {
      // KILL goes to the whole group: workers that lose their master live on for seconds, and listen.
      process.kill(signal === 'SIGKILL' ? -child.pid! : child.pid!, signal)
    }
    await this.exited
  }

  /** The server's own words about workers it had to kill. */
  get workerTimeouts(): string[] {
    return this.log.entries.filter(line => line.includes('WORKER TIMEOUT'))
  }
}

/**
 * A gunicorn that is not running yet; call `start`. It ends with its owner. While it is stopped nobody else listens at
 * its address: a port that the kernel had chosen it might give to another server then.
 */
export async function makeGunicorn(owner: Owner, options: GunicornOptions = {}): Promise<Gunicorn> {
  const gate = await openGate(owner)
  const bind = options.bind ?? `127.0.0.1:${await freePort()}`
  const gunicorn = new Gunicorn(gate, temporaryFolder(owner), bind, options)
  owner.after(() => gunicorn.end())
  return gunicorn
}

/** A running gunicorn with its workers booted. It ends with its owner. */
export async function startGunicorn(owner: Owner, options: GunicornOptions = {}): Promise<Gunicorn> {
  const gunicorn = await makeGunicorn(owner, options)
  await gunicorn.start()
  return gunicorn
}
