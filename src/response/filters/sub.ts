// Texts replaced in a body, wherever its pieces are cut: what may yet become one of them is kept back until it is known.
// Of texts that begin at the same place the one that stands first in the file is taken, as nginx does.

import type { Script } from '../../config/nginx/site.ts'
import type { AnswerHead } from '../../outcome.ts'
import type { Visit } from '../../visit.ts'
import { type BodyFilter, PromptFilter } from '../body-filter.ts'
import { type ContentType, isAmong } from './content-type.ts'
import { weakenTag } from './entity-tag.ts'

/** Decides, and changes the head: the filter is made where there is a body to filter. */
export function substitute(visit: Visit, head: AnswerHead, type: ContentType): (() => BodyFilter) | null {
  const { substitutions, substituteTypes, substituteKeepsDate, substituteOnce } = visit.settings
  if (substitutions.length === 0 || head.length === 0 || !isAmong(type, substituteTypes)) return null
  const wanted: Wanted[] = []
  for (const { search, replacement } of substitutions) {
    const bytes = lowered(Buffer.from(visit.text(search), 'latin1'))
    if (bytes.length > 0) wanted.push(new Wanted(bytes, replacement))
  }
  if (wanted.length === 0) return null
  head.length = null
  if (substituteKeepsDate) weakenTag(head)
  else {
    head.lastModified = null
    head.headers.delete('last-modified')
    head.headers.delete('etag')
  }
  return () => new SubFilter(wanted, substituteOnce, script => visit.text(script))
}

/** One text that is looked for, in lower case. */
class Wanted {
  readonly bytes: Buffer
  readonly replacement: Script
  /** Where it was found next in what is at hand; -1: nowhere. */
  at = -1
  /** For each length of a beginning of it, the length of the longest shorter one that it ends with (Knuth, Morris, Pratt). */
  readonly #shorter: Uint32Array

  constructor(bytes: Buffer, replacement: Script) {
    this.bytes = bytes
    this.replacement = replacement
    this.#shorter = new Uint32Array(bytes.length + 1)
    for (let i = 1, length = 0; i < bytes.length; i++) {
      length = this.#longer(length, bytes[i]!)
      this.#shorter[i + 1] = length
    }
  }

  /** How many of the last bytes may be its beginning, but are not all of it. */
  begun(text: Buffer): number {
    let length = 0
    for (let i = Math.max(0, text.length - this.bytes.length + 1); i < text.length; i++)
      length = this.#longer(length, text[i]!)
    return length
  }

  #longer(length: number, byte: number): number {
    let known = length
    while (known > 0 && this.bytes[known] !== byte) known = this.#shorter[known]!
    return this.bytes[known] === byte ? known + 1 : 0
  }
}

class SubFilter extends PromptFilter {
  #wanted: Wanted[]
  #kept: Buffer = Buffer.alloc(0)
  readonly #once: boolean
  readonly #textOf: (script: Script) => string
  readonly #replacements = new Map<Script, Buffer>()

  constructor(wanted: Wanted[], once: boolean, textOf: (script: Script) => string) {
    super()
    this.#wanted = wanted
    this.#once = once
    this.#textOf = textOf
  }

  protected take(piece: Buffer): void {
    if (this.#wanted.length === 0 && this.#kept.length === 0) this.give(piece)
    else this.#replace(this.#kept.length === 0 ? piece : Buffer.concat([this.#kept, piece]))
  }

  // As nginx: what was begun at the end goes out as it is, also where it holds a shorter one that is whole.
  protected override finish(): void {
    this.give(this.#kept)
  }

  #replace(bytes: Buffer): void {
    const text = lowered(bytes)
    // What begins from here on may be a text that goes on in the next piece, and would come first.
    const openFrom = (from: number) => text.length - this.#begun(text.subarray(from))
    for (const each of this.#wanted) each.at = text.indexOf(each.bytes)
    // As one piece: a chunk, or a write, for each of many short ones would cost more than they do.
    const out: Buffer[] = []
    let open = openFrom(0)
    let from = 0
    for (let next = this.#next(open); next !== null; next = this.#next(open)) {
      out.push(bytes.subarray(from, next.at), this.#replacement(next.replacement))
      from = next.at + next.bytes.length
      if (this.#once) this.#wanted = this.#wanted.filter(each => each !== next)
      for (const each of this.#wanted)
        if (each.at !== -1 && each.at < from) each.at = text.indexOf(each.bytes, from)
      // What was replaced is the beginning of nothing, and what is not looked for any more need not be waited for.
      if (open < from || this.#once) open = openFrom(from)
    }
    out.push(bytes.subarray(from, open))
    this.give(out.length === 1 ? out[0]! : Buffer.concat(out))
    this.#kept = Buffer.from(bytes.subarray(open))
  }

  // The first of all that begins before `open`.
  #next(open: number): Wanted | null {
    let first: Wanted | null = null
    for (const each of this.#wanted) {
      if (each.at !== -1 && each.at < open && (first === null || each.at < first.at)) first = each
    }
    return first
  }

  #begun(text: Buffer): number {
    return this.#wanted.reduce((most, each) => Math.max(most, each.begun(text)), 0)
  }

  // Worked out where it is first needed, and once.
  #replacement(script: Script): Buffer {
    let bytes = this.#replacements.get(script)
    if (bytes === undefined) {
      bytes = Buffer.from(this.#textOf(script), 'latin1')
      this.#replacements.set(script, bytes)
    }
    return bytes
  }
}

/** A copy with the letters of ASCII in lower case, and nothing else. */
function lowered(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  for (let i = 0; i < copy.length; i++) {
    const byte = copy[i]!
    if (byte >= 0x41 && byte <= 0x5a) copy[i] = byte + 0x20
  }
  return copy
}
