// An answer of memcached: one line, then the value as long as that says. What follows the value says nothing more. Made to
// look as an app's answer would: 200 with the value, or 404 without.

import { readMemcachedLine } from '../gateway/memcached.ts'
import type { Framing } from '../http1/framing.ts'
import { HeaderList } from '../http1/headers.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import type { AnswerParts, Dialect } from './dialect.ts'
import { HeadedAnswer } from './headed-answer.ts'

const LF = 0x0a

/** What is asked of memcached. */
export interface MemcachedTerms {
  /** As it was asked for. */
  readonly key: string
  /** Whether the value is wanted: HEAD only asks how long it is. */
  readonly headOnly: boolean
  /** The flags by which what is stored is gzip; 0: none is. */
  readonly gzipFlag: number
}

export function memcachedDialect(terms: MemcachedTerms): Dialect {
  return { coding: null, reader: parts => new MemcachedReader(terms, parts) }
}

class MemcachedReader extends HeadedAnswer {
  readonly #terms: MemcachedTerms

  constructor(terms: MemcachedTerms, parts: AnswerParts) {
    super(parts)
    this.#terms = terms
  }

  protected override headEnd(buffer: Buffer, scanned: number): number {
    return buffer.indexOf(LF, scanned) + 1 || -1
  }

  protected override readHead(buffer: Buffer, end: number): ResponseHead {
    const { key, gzipFlag } = this.#terms
    const value = readMemcachedLine(buffer.toString('latin1', 0, end), key, gzipFlag !== 0)
    const headers = new HeaderList()
    // Numbers as C has them: beyond 32 bits nothing is a flag.
    if (value !== null && (value.flags & gzipFlag) !== 0) headers.add('Content-Encoding', 'gzip')
    headers.add('Content-Length', String(value?.length ?? 0))
    const status = value === null ? 404 : 200
    return { minor: 1, status, reason: '', headers, bytes: end }
  }

  protected override framing({ headers }: ResponseHead): Framing {
    if (this.#terms.headOnly) return { kind: 'none' }
    return { kind: 'length', length: Number(headers.get('content-length')) }
  }
}
