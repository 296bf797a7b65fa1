// The name of a request: the edge's own when a trusted peer gave one, else a fresh one. Nothing else.

import { randomFillSync } from 'node:crypto'

const BYTES = 16
const pool = Buffer.allocUnsafe(BYTES * 256)
let used = pool.length

/** 128 random bits as 32 hexadecimal digits, the form of nginx's $request_id. */
export function freshRequestId(): string {
  // Random bytes are drawn for 256 requests at once: a call for each costs ten times as much.
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += BYTES
  return pool.toString('hex', used - BYTES, used)
}

/** The id to use: what a trusted peer sent, when it is short and harmless in logs and headers; else a fresh one. */
export function requestId(received: string | undefined): string {
  return received !== undefined && /^[\w.:=@+/-]{1,128}$/.test(received) ? received : freshRequestId()
}
