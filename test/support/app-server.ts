// A real app server with the tests' app (`apps/app.py`): started in a process group of its own, with the gate to order by, a
// count of what was executed, and its log. Which one, and how it is told what to do, is for those that are.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Gate } from './gate.ts'
import { Journal } from './journal.ts'
import { findProgram } from './servers.ts'

export abstract class AppServer {
  readonly log: Journal<string>
  readonly gate: Gate
  protected child: ChildProcess | null = null
  protected exited: Promise<void> = Promise.resolve()
  readonly #program: string
  readonly #counts: string

  constructor(program: string, gate: Gate, folder: string) {
    this.#program = program
    this.log = new Journal<string>(program)
    this.gate = gate
    this.#counts = join(folder, 'counts')
  }

  /** Starts it; settles with its lines from then on when it has begun so many workers. @param word of the line of each */
  protected async run(
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    workers: number,
    word: string,
  ): Promise<(text: string) => string[]> {
    const before = this.log.entries.length
    const since = (text: string): string[] =>
      this.log.entries.slice(before).filter(line => line.includes(text))
    const own = { GATE: this.gate.path, COUNTS: this.#counts, PYTHONDONTWRITEBYTECODE: '1' }
    const child = spawn(findProgram(this.#program) as string, args, {
      cwd: join(import.meta.dirname, 'apps'),
      env: { ...env, ...own },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.child = child
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', line => this.log.push(line))
    let gone = false
    this.exited = new Promise(resolve => {
      child.once('exit', () => {
        gone = true
        resolve()
        this.log.wake()
      })
    })
    await this.log.until(() => gone || since(word).length >= workers, `${workers} workers to boot`)
    if (gone) throw new Error(`${this.#program} ended while starting\n${this.log.tail()}`)
    return since
  }

  /** Ends everything at once, whatever state it is in. */
  async end(): Promise<void> {
    const { child } = this
    if (child !== null) {
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {
        // all gone already
      }
    }
    await this.exited
  }

  /** How many times requests with that key were executed. */
  executions(key: string): number {
    if (!existsSync(this.#counts)) return 0
    return readFileSync(this.#counts, 'utf8')
      .split('\n')
      .filter(line => line === key).length
  }
}
