// Lines that a log is told to hold back: `buffer=`, `flush=` and `gzip` of `access_log`. Owns what is held; where it goes
// is another's.

import { gzipSync } from 'node:zlib'
import type { Lines } from './sink.ts'

export interface Holding {
  /** Bytes that are held at most. */
  readonly buffer: number
  /** How long a line is held at most, in milliseconds; 0: until the buffer is full. */
  readonly flush: number
  /** zlib's level; 0: not compressed. Each piece is a gzip file of its own, which readers take one after the other. */
  readonly gzip: number
}

export class HeldLines {
  readonly #holding: Holding
  readonly #lines: Lines
  #held = ''
  #timer: NodeJS.Timeout | null = null

  constructor(holding: Holding, lines: Lines) {
    this.#holding = holding
    this.#lines = lines
  }

  /** One line, with its end; latin1. */
  write(line: string): void {
    const { buffer, flush } = this.#holding
    if (this.#held.length + line.length > buffer) this.release()
    this.#held += line
    if (this.#held.length > buffer) this.release()
    else if (flush > 0) this.#timer ??= setTimeout(() => this.release(), flush).unref()
  }

  /** Hands on what is held. */
  release(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#held === '') return
    const { gzip } = this.#holding
    // A buffer of the usual 64 KB takes less than a millisecond at the usual level.
    const text =
      gzip === 0
        ? this.#held
        : gzipSync(Buffer.from(this.#held, 'latin1'), { level: gzip }).toString('latin1')
    this.#held = ''
    this.#lines.write(text)
    this.#lines.flush()
  }
}
