// Real uWSGI for tests: blocking processes that speak the uwsgi protocol, with the app of gunicorn's tests
// (`apps/app.py`), gates to order by, and the server's own log.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Gate, openGate } from './gate.ts'
import { Journal } from './journal.ts'
import { type Owner, temporaryFolder } from './owner.ts'
import { freePort } from './ports.ts'
import { findProgram } from './servers.ts'

export class Uwsgi {
  /** For `uwsgi_pass`. */
  readonly address: string
  readonly log = new Journal<string>('uwsgi')
  readonly gate: Gate
  readonly #processes: number
  readonly #counts: string
  #child: ChildProcess | null = null
  #exited: Promise<void> = Promise.resolve()

  constructor(address: string, gate: Gate, folder: string, processes: number) {
    this.address = address
    this.gate = gate
    this.#counts = join(folder, 'counts')
    this.#processes = processes
  }

  /** Settles when all processes have begun. */
  async start(): Promise<void> {
    const before = this.log.entries.length
    const words = `--plugin python3 --master --need-app --die-on-term --processes ${this.#processes} --module app:app`
    const child = spawn(findProgram('uwsgi') as string, [...words.split(' '), '--socket', this.address], {
      cwd: join(import.meta.dirname, 'apps'),
      env: { ...process.env, GATE: this.gate.path, COUNTS: this.#counts, PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', line => this.log.push(line))
    let gone = false
    this.#exited = new Promise(resolve => {
      child.once('exit', () => {
        gone = true
        resolve()
        this.log.wake()
      })
    })
    const begun = () => this.log.entries.slice(before).filter(line => line.includes('spawned uWSGI worker'))
    await this.log.until(() => gone || begun().length >= this.#processes, `${this.#processes} processes`)
    if (gone) throw new Error(`uWSGI ended while starting\n${this.log.tail()}`)
  }

  /** Ends everything at once. */
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
}

/** One that runs. It ends with its owner. */
export async function startUwsgi(owner: Owner, processes = 2): Promise<Uwsgi> {
  const gate = await openGate(owner)
  const uwsgi = new Uwsgi(`127.0.0.1:${await freePort()}`, gate, temporaryFolder(owner), processes)
  owner.after(() => uwsgi.end())
  await uwsgi.start()
  return uwsgi
}
