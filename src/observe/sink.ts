// Where log lines go: a file descriptor or a file, through pino's destination (sonic-boom). Gathers lines
// so that one write carries many, and never lets a stalled reader stall the proxy: past a bound, lines are dropped
// and counted. Knows nothing of what the lines say.

import { fstatSync, openSync, writeSync } from 'node:fs'
import { pino } from 'pino'

/** One write carries about this much; sonic-boom's own limit for a single write is the same. */
const BATCH = 16_000
/** What may wait for a reader that has stopped reading, in bytes. */
const BACKLOG = 4 * 1024 * 1024
/** How long a stop waits for the last lines, in milliseconds. */
const LAST_WRITE = 2000

export interface Lines {
  /** One or more whole lines. They may wait until `flush()`. */
  write(text: string): void
  /** Hands what waits to the system; called by the coarse clock. */
  flush(): void
  /** The same, and returns only when it is written: at exit and before a crash. */
  flushSync(): void
  /** Opens the file again under its name, after a rotation; throws when it cannot, and the old one stays. */
  reopen(): void
  close(): Promise<void>
  /** Lines that were thrown away. */
  readonly dropped: number
}

/** Lines that are handed on at once to an object: the hook for tests. */
export function direct(destination: { write(text: string): void }): Lines {
  return {
    dropped: 0,
    write: text => destination.write(text),
    flush() {},
    flushSync() {},
    reopen() {},
    close: () => Promise.resolve(),
  }
}

type Out = ReturnType<typeof pino.destination>

export interface SinkOptions {
  /** Of a file that is created; 0640 where nothing is said. */
  readonly mode?: number
  /** Each character is a byte, and the lines need not be UTF-8. */
  readonly latin1?: boolean
  /**
   * What is flushed to a regular file is written when `flush()` returns: no reader can stall it. Pipes and terminals
   * never wait for theirs.
   */
  readonly atOnce?: boolean
}

/** All that are open: the process has one pair of listeners for them, however many there are. */
const open = new Set<Sink>()

function flushAll(): void {
  for (const sink of open) sink.flushSync()
}

function watchExit(sink: Sink): void {
  if (open.size === 0) {
    // First in line, as pino's own handlers end the stream.
    process.prependListener('exit', flushAll)
    process.prependListener('beforeExit', flushAll)
  }
  open.add(sink)
}

function ignoreExit(sink: Sink): void {
  if (!open.delete(sink) || open.size > 0) return
  process.off('exit', flushAll)
  process.off('beforeExit', flushAll)
}

export class Sink implements Lines {
  dropped = 0
  readonly #target: number | string
  readonly #mode: number
  readonly #latin1: boolean
  readonly #atOnce: boolean
  #out: Out
  /** Settles when the files from before a rotation are written and closed. */
  #former: Promise<unknown> = Promise.resolve()
  #waiting = ''
  #ended = false
  #broken = false
  #told = false

  /**
   * @param target a file descriptor, or a path that is appended to
   * @throws when the file cannot be opened
   */
  constructor(target: number | string, { mode = 0o640, latin1 = false, atOnce = false }: SinkOptions = {}) {
    this.#target = target
    this.#mode = mode
    this.#latin1 = latin1
    this.#atOnce = atOnce
    this.#out = this.#open()
    watchExit(this)
  }

  /** Opened here and now, and not by sonic-boom in the background: a path that cannot be had is to fail in words. */
  #open(): Out {
    const fd =
      typeof this.#target === 'number' ? this.#target : openSync(this.#pathOf(this.#target), 'a', this.#mode)
    // A pipe whose reader has stalled would otherwise stall every request.
    const sync = this.#atOnce && fstatSync(fd).isFile()
    const contentMode = this.#latin1 ? 'buffer' : 'utf8'
    const out = pino.destination({ dest: fd, sync, maxLength: BACKLOG, contentMode })
    out.on('drop', (text: string | Buffer) => this.#drop(text.toString('latin1')))
    out.on('error', (error: NodeJS.ErrnoException) => this.#failed(error))
    return out
  }

  #pathOf(path: string): string | Buffer {
    return this.#latin1 ? Buffer.from(path, 'latin1') : path
  }

  #bytesOf(text: string): string {
    // The stream's type knows strings only, whatever its mode.
    return this.#latin1 ? (Buffer.from(text, 'latin1') as unknown as string) : text
  }

  write(text: string): void {
    this.#waiting += text
    if (this.#waiting.length >= BATCH) this.flush()
  }

  flush(): void {
    if (this.#waiting === '') return
    const text = this.#waiting
    this.#waiting = ''
    if (this.#broken) this.#drop(text)
    else if (this.#ended) this.#directly(text)
    else this.#out.write(this.#bytesOf(text))
  }

  flushSync(): void {
    this.flush()
    if (this.#ended || this.#broken) return
    try {
      this.#out.flushSync()
    } catch {
      // The reader is gone, or the disk is full: nothing more can be done at an exit.
    }
  }

  reopen(): void {
    this.flush()
    if (typeof this.#target === 'number' || this.#ended) return
    // When the new file cannot be had, this throws, and the old one stays in use.
    const former = this.#out
    this.#out = this.#open()
    this.#former = Promise.all([this.#former, ended(former)])
  }

  async close(): Promise<void> {
    if (this.#ended) return
    this.flush()
    this.#ended = true
    ignoreExit(this)
    await Promise.all([this.#former, this.#broken ? null : ended(this.#out)])
  }

  /** After the end a late line still goes out when there is a descriptor to write it to. */
  #directly(text: string): void {
    try {
      if (typeof this.#target === 'number')
        writeSync(this.#target, text, null, this.#latin1 ? 'latin1' : 'utf8')
      else this.#drop(text)
    } catch {
      this.#drop(text)
    }
  }

  #drop(text: string): void {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.dropped++
  }

  /** A log that cannot be written is no reason to stop serving. Said once, where it may still be heard. */
  #failed(error: NodeJS.ErrnoException): void {
    if (error.code === 'EPIPE') this.#broken = true
    if (this.#told) return
    this.#told = true
    try {
      if (this.#target !== 2) writeSync(2, `shieldproxy: the log cannot be written: ${error.message}\n`)
    } catch {
      // Standard error is gone as well.
    }
  }
}

/** Ends it, and waits for its last lines; but a reader that never reads again must not keep a stop waiting. */
function ended(out: Out): Promise<void> {
  return new Promise(resolve => {
    const enough = setTimeout(() => {
      out.destroy()
      resolve()
    }, LAST_WRITE)
    const done = (): void => {
      clearTimeout(enough)
      resolve()
    }
    out.once('close', done)
    out.once('error', done)
    out.end()
  })
}
