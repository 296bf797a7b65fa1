// One request head out of what has come so far. Pure; knows the limit and no socket.

import { findHeadEnd, headTooLarge } from '../http1/head-end.ts'
import { parseRequestHead, type RequestHead } from '../http1/request-head.ts'

/**
 * The head at the start of the buffer, or null while it is not whole.
 * @param scanned how much of the buffer an earlier call has looked at already.
 * @param limit the largest head allowed, in bytes.
 * @throws ProtocolError as soon as it cannot become a head that may be served.
 */
export function readRequestHead(buffer: Buffer, scanned: number, limit: number): RequestHead | null {
  const end = findHeadEnd(buffer, 0, scanned)
  if (end === -1) {
    if (buffer.length > limit) throw headTooLarge(buffer, 0)
    return null
  }
  if (end > limit) throw headTooLarge(buffer.subarray(0, limit), 0)
  return parseRequestHead(buffer, 0, end)
}
