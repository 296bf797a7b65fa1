// The chunked coding (RFC 9112 §7.1): a push decoder that reads it strictly, and the few strings that write it.
// Keeps no data: payload is handed on as views of what came.

import { CR, HEX, LF, VALUE } from './characters.ts'
import type { HeaderList } from './headers.ts'
import { badRequest, type ProtocolError, quoteBytes } from './protocol-error.ts'
import { TrailerSection } from './trailers.ts'

/**
 * The most bytes of chunk extensions in one message. Nobody is known to use them, and nothing here reads them
 * (RFC 9112 §7.1.1 asks for a limit); Node allows 16 KB.
 */
export const MAX_EXTENSIONS = 4096
/** Digits of a chunk size, leading zeros included; the size itself stays below 2^53. */
const MAX_DIGITS = 16

const SIZE = 0
const EXTENSION = 1
const SIZE_LF = 2
const DATA = 3
const DATA_CR = 4
const DATA_LF = 5
const TRAILERS = 6
const DONE = 7

/** Decodes one body. Feed it through `push`; after a ProtocolError it is of no further use. */
export class ChunkedDecoder {
  #state = SIZE
  #digits = 0
  /** The size under way, then what is left of the chunk, in bytes. */
  #left = 0
  #extensions = 0
  #trailers: TrailerSection | null = null
  readonly #data: (chunk: Buffer) => void

  constructor(data: (chunk: Buffer) => void) {
    this.#data = data
  }

  /** Whether the last byte of the message has been read. */
  get done(): boolean {
    return this.#state === DONE
  }

  /** The fields after the last chunk; null when there were none, or none that may be passed on. */
  get trailers(): HeaderList | null {
    return this.#trailers?.fields ?? null
  }

  /** Reads from `start` to `end`; returns the offset after the last byte that belongs to the message. */
  push(buf: Buffer, start: number, end: number): number {
    let at = start
    while (at < end) {
      switch (this.#state) {
        case DATA: {
          const stop = this.#left < end - at ? at + this.#left : end
          this.#left -= stop - at
          if (this.#left === 0) this.#state = DATA_CR
          // The whole buffer when it is all payload: a view costs more than the check.
          this.#data(at === 0 && stop === buf.length ? buf : buf.subarray(at, stop))
          at = stop
          break
        }
        case DATA_CR:
          if (buf[at] !== CR) throw bad('no CRLF after a chunk', buf, at, end)
          this.#state = DATA_LF
          at++
          break
        case DATA_LF:
          if (buf[at] !== LF) throw bad('no CRLF after a chunk', buf, at, end)
          this.#state = SIZE
          at++
          break
        case SIZE:
          at = this.#readSize(buf, at, end)
          break
        case EXTENSION:
          at = this.#skipExtension(buf, at, end)
          break
        case SIZE_LF:
          if (buf[at] !== LF) throw bad('a bare CR after a chunk size', buf, at, end)
          at++
          this.#digits = 0
          this.#state = this.#left === 0 ? TRAILERS : DATA
          break
        case TRAILERS:
          this.#trailers ??= new TrailerSection()
          at = this.#trailers.push(buf, at, end)
          if (this.#trailers.done) this.#state = DONE
          break
        default:
          return at
      }
    }
    return at
  }

  // RFC 9112 §7.1: chunk-size = 1*HEXDIG. White space around it (the grammar's BWS, before an extension) is
  // refused: recipients differ about it.
  #readSize(buf: Buffer, start: number, end: number): number {
    let at = start
    while (at < end) {
      const code = buf[at]!
      const digit = HEX[code]!
      if (digit !== 255) {
        this.#left = this.#left * 16 + digit
        this.#digits++
        if (this.#digits > MAX_DIGITS || this.#left > Number.MAX_SAFE_INTEGER) {
          throw bad('a chunk size past 2^53', buf, at, end)
        }
        at++
        continue
      }
      if (this.#digits === 0) throw bad('no chunk size', buf, at, end)
      if (code === CR) this.#state = SIZE_LF
      else if (code === 0x3b) this.#state = EXTENSION
      else throw bad('neither CRLF nor an extension after a chunk size', buf, at, end)
      return at + 1
    }
    return at
  }

  #skipExtension(buf: Buffer, start: number, end: number): number {
    let at = start
    while (at < end && VALUE[buf[at]!] === 1) at++
    // The semicolon counts as well, else empty extensions would be free.
    this.#extensions += at - start + 1
    if (this.#extensions > MAX_EXTENSIONS)
      throw badRequest(`more than ${MAX_EXTENSIONS} bytes of chunk extensions`)
    if (at === end) return at
    if (buf[at] !== CR) throw bad('a control character in a chunk extension', buf, at, end)
    this.#state = SIZE_LF
    return at + 1
  }
}

function bad(what: string, buf: Buffer, at: number, end: number): ProtocolError {
  return badRequest(`${what}: ${quoteBytes(buf, at, Math.min(end, at + 16))}`)
}

/** What goes before a chunk of `size` bytes (never 0, which would end the body); CRLF goes after it. */
export function chunkHeader(size: number): string {
  return size.toString(16) + '\r\n'
}

/** The end of a body without trailers. */
export const LAST_CHUNK = '0\r\n\r\n'

/** The end of a body, with its trailers if it has any; their names and values must be clean. */
export function lastChunk(trailers: HeaderList | null): string {
  if (trailers === null) return LAST_CHUNK
  let out = '0\r\n'
  for (let i = 0; i < trailers.length; i++) out += `${trailers.names[i]!}: ${trailers.values[i]!}\r\n`
  return out + '\r\n'
}
