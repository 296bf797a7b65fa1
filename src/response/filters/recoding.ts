// Bytes of one charset written in another, by the maps that a file gives: one byte for one, one byte for several of UTF-8,
// and back. What the other charset does not have becomes a question mark, or a reference in HTML where it came in UTF-8.

import { type CharsetMap, sameCharset } from '../../config/nginx/modules/charset.ts'
import { type BodyFilter, PromptFilter } from '../body-filter.ts'

const QUESTION_MARK = 0x3f

/** The filter, and whether a body keeps its length. */
export interface Recoding {
  readonly sameLength: boolean
  filter(): BodyFilter
}

const made = new WeakMap<CharsetMap, { forth: Recoding | null; back: Recoding | null }>()

/** By a map from the charset `from` to another, or by one that is to be read backwards. */
export function recoding(map: CharsetMap, from: string): Recoding {
  let both = made.get(map)
  if (both === undefined) made.set(map, (both = { forth: null, back: null }))
  if (sameCharset(map.from, from)) return (both.forth ??= forth(map))
  return (both.back ??= back(map))
}

function forth({ to, pairs }: CharsetMap): Recoding {
  if (sameCharset(to, 'utf-8')) {
    const bytes = Array.from({ length: 256 }, (_, byte) => Buffer.of(byte < 0x80 ? byte : QUESTION_MARK))
    for (const [byte, text] of pairs) bytes[byte] = Buffer.from(text, 'latin1')
    return { sameLength: false, filter: () => new ToUtf8(bytes) }
  }
  const table = singles()
  for (const [byte, text] of pairs) table[byte] = text.charCodeAt(0)
  return { sameLength: true, filter: () => new Single(table) }
}

function back({ to, pairs }: CharsetMap): Recoding {
  if (sameCharset(to, 'utf-8')) {
    const bytes = new Map<number, number>()
    for (const [byte, text] of pairs)
      bytes.set(Buffer.from(text, 'latin1').toString('utf8').codePointAt(0)!, byte)
    return { sameLength: false, filter: () => new FromUtf8(bytes) }
  }
  const table = singles()
  for (const [byte, text] of pairs) table[text.charCodeAt(0)] = byte
  return { sameLength: true, filter: () => new Single(table) }
}

function singles(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (byte < 0x80 ? byte : QUESTION_MARK))
}

class Single extends PromptFilter {
  readonly #table: Uint8Array

  constructor(table: Uint8Array) {
    super()
    this.#table = table
  }

  protected take(piece: Buffer): void {
    const out = Buffer.allocUnsafe(piece.length)
    for (let i = 0; i < piece.length; i++) out[i] = this.#table[piece[i]!]!
    this.give(out)
  }
}

class ToUtf8 extends PromptFilter {
  readonly #bytes: readonly Buffer[]

  constructor(bytes: readonly Buffer[]) {
    super()
    this.#bytes = bytes
  }

  protected take(piece: Buffer): void {
    // A character takes three bytes at most.
    const out = Buffer.allocUnsafe(piece.length * 3)
    let at = 0
    for (const byte of piece) at += this.#bytes[byte]!.copy(out, at)
    this.give(out.subarray(0, at))
  }
}

class FromUtf8 extends PromptFilter {
  readonly #bytes: ReadonlyMap<number, number>
  /** Of a character that began at the end of a piece. */
  #kept: Buffer = Buffer.alloc(0)

  constructor(bytes: ReadonlyMap<number, number>) {
    super()
    this.#bytes = bytes
  }

  protected take(piece: Buffer): void {
    const bytes = this.#kept.length === 0 ? piece : Buffer.concat([this.#kept, piece])
    // Of two bytes comes a reference of seven at most ("&#2047;"), of three one of eight, of four one of ten.
    const out = Buffer.allocUnsafe(bytes.length * 4)
    let [from, to] = [0, 0]
    while (from < bytes.length) {
      if (bytes[from]! < 0x80) {
        out[to++] = bytes[from++]!
        continue
      }
      const { point, length } = characterAt(bytes, from)
      if (length === 0) break
      from += length
      const byte = this.#bytes.get(point)
      if (byte !== undefined) out[to++] = byte
      else if (point === -1) out[to++] = QUESTION_MARK
      else to += out.write(`&#${point};`, to, 'latin1')
    }
    this.#kept = Buffer.from(bytes.subarray(from))
    this.give(out.subarray(0, to))
  }
}

/**
 * The character of UTF-8 that begins there, with a byte from 0x80 up, as ngx_utf8_decode reads it: `length` 0: it goes on
 * in what is not here yet; `point` -1: it is none, and `length` is what was looked at to find that out.
 */
function characterAt(bytes: Buffer, at: number): { point: number; length: number } {
  const first = bytes[at]!
  const more = first >= 0xf8 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0
  if (more === 0) return { point: -1, length: 1 }
  if (bytes.length - at <= more) return { point: -1, length: 0 }
  let point = first & (0x3f >> more)
  for (let i = 1; i <= more; i++) {
    const byte = bytes[at + i]!
    if (byte < 0x80) return { point: -1, length: i + 1 }
    point = (point << 6) | (byte & 0x3f)
  }
  const least = [0, 0x80, 0x800, 0x1_0000][more]!
  return { point: point < least || point > 0x10_ffff ? -1 : point, length: more + 1 }
}
