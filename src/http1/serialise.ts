// Writes heads: one latin1 string each, built by concatenation, which V8 turns into bytes only once, at the
// socket. Checks nothing: names and values come from the parser or from this program.

import { STATUS_CODES } from 'node:http'

/** `method SP target SP HTTP/1.1`, and the line's end. */
export function requestLine(method: string, target: string): string {
  return method + ' ' + target + ' HTTP/1.1\r\n'
}

const statusLines = new Map<number, string>()
for (const [status, reason] of Object.entries(STATUS_CODES)) {
  statusLines.set(Number(status), `HTTP/1.1 ${status} ${reason}\r\n`)
}

/**
 * The status line, always of HTTP/1.1: the version is the sender's, not the reader's (RFC 9110 §2.5). Without a
 * reason it is the usual one of that status. The space after the status stays when there is none at all (RFC
 * 9112 §4).
 */
export function statusLine(status: number, reason?: string): string {
  if (reason === undefined) return statusLines.get(status) ?? 'HTTP/1.1 ' + status + ' \r\n'
  return 'HTTP/1.1 ' + status + ' ' + reason + '\r\n'
}

/** The usual reason phrase; empty for a status without one. */
export function reasonOf(status: number): string {
  return STATUS_CODES[status] ?? ''
}

/** One line for each field of the parallel arrays, in order; without the empty line that ends a head. */
export function headerBlock(names: readonly string[], values: readonly string[]): string {
  let out = ''
  for (let i = 0; i < names.length; i++) out += names[i]! + ': ' + values[i]! + '\r\n'
  return out
}
