// The files that a site's logs are written to, each opened once however many places write to it. As with nginx, a line is
// in its file by the time its client may look there. What cannot be opened is said once, and its lines go to a standard
// stream. Knows nothing of what the lines say.

import { type Lines, Sink } from './sink.ts'

/** As nginx creates logs. */
const MODE = 0o644
const STREAMS: Readonly<Record<string, 1 | 2>> = {
  '/dev/stdout': 1,
  '/proc/self/fd/1': 1,
  '/dev/fd/1': 1,
  '/dev/stderr': 2,
  '/proc/self/fd/2': 2,
  '/dev/fd/2': 2,
}

export interface LogFilesOptions {
  warn(message: string): void
  /** For tests, and where somebody writes there already; absent: the process's own. */
  readonly stdout?: Lines
  readonly stderr?: Lines
}

export class LogFiles {
  readonly #options: LogFilesOptions
  /** By path. */
  readonly #files = new Map<string, Lines>()
  /** Those that are ours to close. */
  readonly #opened = new Set<Lines>()
  readonly #waiting = new Set<Lines>()
  #streams: [Lines | null, Lines | null]
  #scheduled = false

  constructor(options: LogFilesOptions) {
    this.#options = options
    this.#streams = [options.stdout ?? null, options.stderr ?? null]
  }

  /** The file of that name, opened at its first use. @param instead where the lines go when it cannot be opened */
  file(path: string, instead: 1 | 2): Lines {
    let lines = this.#files.get(path)
    if (lines === undefined) {
      lines = this.#open(path, instead)
      this.#files.set(path, lines)
    }
    return lines
  }

  stream(fd: 1 | 2): Lines {
    let lines = this.#streams[fd - 1] ?? null
    if (lines === null) {
      lines = new Sink(fd, { latin1: true, atOnce: true })
      this.#opened.add(lines)
      this.#streams[fd - 1] = lines
    }
    return lines
  }

  /** Writes to one of them; lines of the same turn of the event loop go out together. */
  write(lines: Lines, text: string): void {
    lines.write(text)
    this.#waiting.add(lines)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.flush())
  }

  flush(): void {
    this.#scheduled = false
    for (const lines of this.#waiting) lines.flush()
    this.#waiting.clear()
  }

  /** After a rotation: each file again under its name. One that cannot be had stays as it is. */
  reopen(): void {
    this.flush()
    for (const [path, lines] of this.#files) {
      try {
        lines.reopen()
      } catch (error) {
        this.#options.warn(
          `the log "${path}" cannot be opened again and stays as it is: ${(error as Error).message}`,
        )
      }
    }
  }

  async close(): Promise<void> {
    this.flush()
    await Promise.all([...this.#opened].map(lines => lines.close()))
  }

  #open(path: string, instead: 1 | 2): Lines {
    const stream = STREAMS[path]
    if (stream !== undefined) return this.stream(stream)
    try {
      const sink = new Sink(path, { mode: MODE, latin1: true, atOnce: true })
      this.#opened.add(sink)
      return sink
    } catch (error) {
      const where = instead === 1 ? 'standard output' : 'standard error'
      this.#options.warn(
        `the log "${path}" cannot be written, its lines go to ${where}: ${(error as Error).message}`,
      )
      return this.stream(instead)
    }
  }
}
