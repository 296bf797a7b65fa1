// Heads of messages whose lines may end with LF alone, as RFC 9112 §2.2 lets a recipient read them: where one ends, and
// the same with CRLF, for the strict reader. Reads no field; a bare CR stays what it is, an offence.

import { CR, LF } from './characters.ts'
import { refuseSpoilt } from './head-end.ts'

/** Skips one empty line before a request line, however it ends. */
export function skipBareLine(buf: Buffer, start: number): number {
  if (buf[start] === LF) return start + 1
  return buf[start] === CR && buf[start + 1] === LF ? start + 2 : start
}

/** What findHeadEnd says where the lines of a head end with CRLF or LF, each as it likes. */
export function findBareHeadEnd(buf: Buffer, start: number, scanned: number): number {
  // The empty line that ends the head may straddle what was scanned before by two bytes.
  let at = buf.indexOf(LF, Math.max(scanned - 2, start))
  while (at !== -1) {
    if (buf[at + 1] === LF) return at + 2
    if (buf[at + 1] === CR && buf[at + 2] === LF) return at + 3
    at = buf.indexOf(LF, at + 1)
  }
  refuseSpoilt(buf, start, scanned, true)
  return -1
}

/**
 * The head that ends at `end`, as the strict reader has it once its lines end as they should; `bytes` are those that came.
 * @throws ProtocolError as the reader does
 */
export function readBareHead<Head extends { readonly bytes: number }>(
  buf: Buffer,
  end: number,
  parse: (buf: Buffer, start: number, end: number) => Head,
): Head {
  const head = withCrlf(buf, 0, end)
  return { ...parse(head, 0, head.length), bytes: end }
}

/** The head in `buf` from `start` to `end` with CRLF after each line. */
export function withCrlf(buf: Buffer, start: number, end: number): Buffer {
  const parts: Buffer[] = []
  let from = start
  for (let at = buf.indexOf(LF, start); at !== -1 && at < end; at = buf.indexOf(LF, at + 1)) {
    if (at > start && buf[at - 1] === CR) continue
    parts.push(buf.subarray(from, at), CRLF)
    from = at + 1
  }
  if (parts.length === 0) return buf.subarray(start, end)
  parts.push(buf.subarray(from, end))
  return Buffer.concat(parts)
}

const CRLF = Buffer.from('\r\n')
