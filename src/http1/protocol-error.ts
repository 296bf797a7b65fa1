// What is wrong with a message, in the words of the table of failures. Knows neither who sent it nor what
// happens now: for a worker's answer every offence is a `bad_request`, which the caller turns into its own.

import type { FailureCode } from '../errors.ts'

/** The failures that the syntax of a message can amount to. */
export type ProtocolErrorKind = Extract<
  FailureCode,
  | 'bad_request'
  | 'head_too_large'
  | 'target_too_long'
  | 'version_not_supported'
  | 'coding_not_supported'
  | 'expectation_failed'
  | 'tunnel_refused'
>

/** A message that is not read further. `detail` is for the operator: bounded, and safe to print. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly kind: ProtocolErrorKind
  readonly detail: string

  constructor(kind: ProtocolErrorKind, detail: string) {
    // A hostile client can cause these at will; their stack tells nothing and would be most of their cost.
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(detail)
    Error.stackTraceLimit = limit
    this.kind = kind
    this.detail = detail
  }
}

/** The usual offence. */
export function badRequest(detail: string): ProtocolError {
  return new ProtocolError('bad_request', detail)
}

/** The longest quotation, in bytes. */
const QUOTED = 40

/**
 * Foreign bytes (or a latin1 string of them) for a log line: in quotes, at most 40, and whatever is not printable
 * ASCII as `\xNN`.
 */
export function quoteBytes(bytes: Uint8Array | string, start = 0, end = bytes.length): string {
  const from = Math.min(start, bytes.length)
  const to = Math.min(end, bytes.length, from + QUOTED)
  let out = '"'
  for (let i = from; i < to; i++) {
    const code = typeof bytes === 'string' ? bytes.charCodeAt(i) & 0xff : bytes[i]!
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) {
      out += '\\x' + code.toString(16).padStart(2, '0')
    } else {
      out += String.fromCharCode(code)
    }
  }
  return out + (Math.min(end, bytes.length) > to ? '…"' : '"')
}
