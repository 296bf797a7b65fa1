// Logs whose names hold variables: opened for each batch of lines, as nginx does without `open_log_file_cache`, so that
// there may be any number and a rotation needs no signal. Never lets a slow disk stall a request.

import { appendFileSync } from 'node:fs'
import { appendFile, stat } from 'node:fs/promises'

/** What may wait for the disk in all, in bytes; beyond it lines are dropped. */
const BACKLOG = 4 * 1024 * 1024
const MODE = 0o644

export interface NamedLogsOptions {
  /** A log that cannot be written, in nginx's words. */
  problem(level: 'error' | 'crit', message: string): void
}

interface Batch {
  text: string
  /** A folder without which nothing is written; null: there is none. */
  readonly root: string | null
}

export class NamedLogs {
  readonly #options: NamedLogsOptions
  readonly #waiting = new Map<string, Batch>()
  readonly #busy = new Map<string, Promise<void>>()
  #bytes = 0
  dropped = 0

  constructor(options: NamedLogsOptions) {
    this.#options = options
  }

  /**
   * One line, with its end. @param path absolute, latin1 as the line
   * @param root nginx writes such a log only where the root of the place is a folder, so that no stranger makes files by
   * asking for hosts that there are none of
   */
  write(path: string, root: string | null, line: string): void {
    if (this.#bytes + line.length > BACKLOG) {
      this.dropped++
      return
    }
    // What a client sends must not lead out of where the file says.
    if (path.split('/').includes('..') || path.includes('\0')) {
      this.#options.problem('error', `the name of a log was refused: "${path}"`)
      return
    }
    this.#bytes += line.length
    const batch = this.#waiting.get(path)
    if (batch !== undefined) {
      batch.text += line
      return
    }
    this.#waiting.set(path, { text: line, root })
    if (!this.#busy.has(path)) this.#busy.set(path, this.#work(path))
  }

  /** All that waits is written, or has failed. */
  async close(): Promise<void> {
    while (this.#busy.size > 0) await Promise.all(this.#busy.values())
  }

  /** At an exit: what has not been given to the disk yet. */
  flushSync(): void {
    for (const [path, { text }] of this.#waiting) {
      try {
        appendFileSync(Buffer.from(path, 'latin1'), text, { encoding: 'latin1', mode: MODE })
      } catch {
        // Nothing more can be done at an exit.
      }
    }
    this.#waiting.clear()
  }

  // One batch after the other, so that lines keep their order.
  async #work(path: string): Promise<void> {
    await null
    for (let batch = this.#waiting.get(path); batch !== undefined; batch = this.#waiting.get(path)) {
      this.#waiting.delete(path)
      try {
        if (batch.root === null || (await this.#isThere(batch.root))) await append(path, batch.text)
      } catch (error) {
        this.#options.problem('crit', `open() "${path}" failed (${(error as Error).message})`)
      }
      this.#bytes -= batch.text.length
    }
    this.#busy.delete(path)
  }

  async #isThere(root: string): Promise<boolean> {
    const found = await stat(Buffer.from(root, 'latin1')).catch((error: Error) => error)
    if (!(found instanceof Error) && found.isDirectory()) return true
    const why = found instanceof Error ? found.message : 'Not a directory'
    this.#options.problem('error', `testing "${root}" existence failed (${why})`)
    return false
  }
}

function append(path: string, text: string): Promise<void> {
  return appendFile(Buffer.from(path, 'latin1') as never, text, { encoding: 'latin1', mode: MODE })
}
