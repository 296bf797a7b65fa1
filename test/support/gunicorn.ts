// Real gunicorn for tests: sync workers, a short worker timeout, an app whose behaviour is chosen by path
// (`apps/app.py`), gates to order by, and the server's own log to look for WORKER TIMEOUT in.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Gate, openGate } from './gate.ts'
import { Journal } from './journal.ts'
import { type Owner, temporaryFolder } from './owner.ts'
import { findProgram } from './servers.ts'

export interface GunicornOptions {
  workers?: number
  /** Seconds. */
  timeout?: number
  /** `127.0.0.1:PORT` or `unix:/path`; by default a port the kernel chooses. */
  bind?: string
  args?: string[]
  env?: Record<string, string>
}

export class Gunicorn {
  /** For `--upstream`. Known once started. */
  address = ''
  readonly log = new Journal<string>('gunicorn')
  readonly gate: Gate
  readonly #options: GunicornOptions
  readonly #counts: string
  #child: ChildProcess | null = null
  #exited: Promise<void> = Promise.resolve()

  constructor(gate: Gate, folder: string, options: GunicornOptions) {
    this.gate = gate
    this.#counts = join(folder, 'counts')
    this.#options = options
    this.address = options.bind ?? '127.0.0.1:0'
  }

  /** The master's process id. */
  get pid(): number {
    return this.#child?.pid as number
  }

  /** Starts it, at its former address when it had one; settles when all workers have booted. */
  async start(): Promise<void> {
    const { workers = 4, timeout = 3, args = [] } = this.#options
    const before = this.log.entries.length
    const since = (text: string): string[] =>
      this.log.entries.slice(before).filter(line => line.includes(text))
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      GATE: this.gate.path,
      COUNTS: this.#counts,
      PYTHONDONTWRITEBYTECODE: '1',
    }
    for (const name of ['WEB_CONCURRENCY', 'GUNICORN_CMD_ARGS', 'PORT']) delete env[name]
    Object.assign(env, this.#options.env)
    const child = spawn(
      findProgram('gunicorn') as string,
      [
        '--workers',
        String(workers),
        '--timeout',
        String(timeout),
        '--bind',
        this.address,
        ...args,
        'app:app',
      ],
      { cwd: join(import.meta.dirname, 'apps'), env, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    )
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', line => this.log.push(line))
    }
    let gone = false
    this.#exited = new Promise(resolve => {
      child.once('exit', () => {
        gone = true
        resolve()
        this.log.wake()
      })
    })
    await this.log.until(
      () => gone || since('Booting worker').length >= workers,
      `${workers} workers to boot`,
    )
    if (gone) throw new Error(`gunicorn ended while starting\n${this.log.tail()}`)
    const said = /Listening at: (?:http:\/\/(\S+)|(unix:\S+))/.exec(since('Listening at')[0] ?? '')
    this.address = said?.[1] ?? said?.[2] ?? this.address
  }

  /** Ends it: TERM lets requests finish, QUIT and KILL do not. Settles when the master is gone. */
  async stop(signal: 'SIGTERM' | 'SIGQUIT' | 'SIGKILL' = 'SIGQUIT'): Promise<void> {
    const child = this.#child
    if (child === null) return
    if (child.exitCode === null && child.signalCode === null) {
      // KILL goes to the whole group: workers that lose their master live on for seconds, and listen.
      process.kill(signal === 'SIGKILL' ? -child.pid! : child.pid!, signal)
    }
    await this.#exited
  }

  /** Ends everything at once, whatever state it is in. */
  async end(): Promise<void> {
    const child = this.#child
    if (child !== null) {
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {
        // all gone already
      }
    }
    await this.#exited
  }

  /** How many times requests with that key were executed. */
  executions(key: string): number {
    if (!existsSync(this.#counts)) return 0
    return readFileSync(this.#counts, 'utf8')
      .split('\n')
      .filter(line => line === key).length
  }

  /** The server's own words about workers it had to kill. */
  get workerTimeouts(): string[] {
    return this.log.entries.filter(line => line.includes('WORKER TIMEOUT'))
  }
}

/** A gunicorn that is not running yet; call `start`. It ends with its owner. */
export async function makeGunicorn(owner: Owner, options: GunicornOptions = {}): Promise<Gunicorn> {
  const gate = await openGate(owner)
  const gunicorn = new Gunicorn(gate, temporaryFolder(owner), options)
  owner.after(() => gunicorn.end())
  return gunicorn
}

/** A running gunicorn with its workers booted. It ends with its owner. */
export async function startGunicorn(owner: Owner, options: GunicornOptions = {}): Promise<Gunicorn> {
  const gunicorn = await makeGunicorn(owner, options)
  await gunicorn.start()
  return gunicorn
}
