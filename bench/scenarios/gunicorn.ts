// Real gunicorn with few blocking workers: started, killed piece by piece, restarted on the same port.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from '../children.ts'
import { accepting, findProgram } from '../contenders.ts'
import { Connection } from '../load/connection.ts'
import { childrenOf } from '../measure/processes.ts'
import { freePort } from '../ports.ts'
import { pause } from './scenario.ts'

export const workers = 4
/** Seconds a request blocks its worker. */
const work = 0.05
/** Answers a second that the workers can give at best. */
export const capacity = workers / work

export class Gunicorn {
  readonly port: number
  readonly #dir: string
  #child: Child
  #starts = 0

  private constructor(dir: string, port: number, child: Child) {
    this.#dir = dir
    this.port = port
    this.#child = child
  }

  static async start(dir: string): Promise<Gunicorn> {
    const port = await freePort()
    return new Gunicorn(dir, port, await launch(dir, port, 0))
  }

  /** SIGKILL to one worker, as the kernel's OOM killer does; `turn` picks which. */
  killWorker(turn: number): void {
    const pids = childrenOf(this.#child.pid)
    const pid = pids[turn % pids.length]
    try {
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
    } catch {
      // it had just ended by itself
    }
  }

  /** A deploy: an orderly end, nothing there for `ms`, and back on the same port. Settles when it answers. */
  async restart(ms: number): Promise<void> {
    process.kill(this.#child.pid, 'SIGTERM')
    await this.#child.exited
    await pause(ms)
    this.#child = await launch(this.#dir, this.port, ++this.#starts)
  }

  /** How often each `?id=` was begun. */
  executions(): Map<string, number> {
    const counts = new Map<string, number>()
    const file = join(this.#dir, 'executions')
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
    for (const id of lines.filter(Boolean)) counts.set(id, (counts.get(id) ?? 0) + 1)
    return counts
  }

  stop(): Promise<void> {
    return this.#child.stop()
  }
}

async function launch(dir: string, port: number, turn: number): Promise<Child> {
  const program = findProgram('gunicorn')
  if (program === null) throw new Error('gunicorn is not installed')
  const args = ['-w', String(workers), '-b', `127.0.0.1:${port}`, '--timeout', '30', '--backlog', '2048']
  args.push('--chdir', join(import.meta.dirname, '../apps'), 'blocking:app')
  const child = await startChild(program, args, {
    dir,
    name: `gunicorn-${turn}`,
    env: {
      EXECUTIONS: join(dir, 'executions'),
      WORK: String(work),
      GUNICORN_CMD_ARGS: '',
      WEB_CONCURRENCY: undefined,
    },
  })
  await accepting(port, child)
  // The master listens before its workers run. As many answers at once as there are workers: they all do.
  await Promise.all(Array.from({ length: workers * 2 }, () => firstAnswer(port)))
  return child
}

async function firstAnswer(port: number): Promise<void> {
  const connection = new Connection(port)
  await connection.ask({ target: '/work', deadline: 10_000 })
  connection.close()
}
