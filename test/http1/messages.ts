// How these tests write messages and check refusals: text in, bytes through the reader, and what came of it.

import assert from 'node:assert/strict'
import { findHeadEnd } from '../../src/http1/head-end.ts'
import { ProtocolError, type ProtocolErrorKind } from '../../src/http1/protocol-error.ts'
import { parseRequestHead, type RequestHead } from '../../src/http1/request-head.ts'
import { parseResponseHead, type ResponseHead } from '../../src/http1/response-head.ts'

/** The bytes of a latin1 string. */
export function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

/** Reads a whole request head as a connection does: from some offset, with bytes before and after it. */
export function request(text: string): RequestHead {
  const before = bytes('\r\n\r\nbefore')
  const all = Buffer.concat([before, bytes(text), bytes('\0\nbody')])
  const end = findHeadEnd(all, before.length, before.length)
  return parseRequestHead(all, before.length, end)
}

export function response(text: string): ResponseHead {
  const all = bytes('..' + text + '\0\nbody')
  return parseResponseHead(all, 2, findHeadEnd(all, 2, 2))
}

/** A request in HTTP/1.1 with a Host and these further lines. */
export function withFields(...lines: string[]): RequestHead {
  return request(['POST / HTTP/1.1', 'Host: a.test', ...lines, '', ''].join('\r\n'))
}

/** An answer with these fields. */
export function answer(status: number, ...lines: string[]): ResponseHead {
  return response([`HTTP/1.1 ${status} X`, ...lines, '', ''].join('\r\n'))
}

/** Asserts a ProtocolError of that kind whose detail matches, is bounded, and is safe to print. */
export function refused(run: () => unknown, kind: ProtocolErrorKind, detail?: RegExp): void {
  let value: unknown
  try {
    value = run()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    assert.equal(error.kind, kind, `refused as ${error.kind}: ${error.detail}`)
    if (detail !== undefined) assert.match(error.detail, detail)
    assert.match(error.detail, /^[ -~…]{1,200}$/)
    return
  }
  assert.fail(`not refused (${kind} expected): ${JSON.stringify(value)}`)
}

/** The message cut in two at every place, and into single bytes. */
export function* splits(message: Buffer): Generator<Buffer[]> {
  for (let at = 0; at <= message.length; at++) yield [message.subarray(0, at), message.subarray(at)]
  yield Array.from(message, code => Buffer.from([code]))
}
