// The one buffer that every plain socket reads into, from clients and from workers. What came is lent to whoever is told
// of it, until it returns: the next read lies in the same place. Knows no socket.
//
// Without it Node allocates 64 KB for each read, also for one of a few hundred bytes or for a FIN, makes an ArrayBuffer of
// just what came, copies, and frees the first (node: src/stream_base.cc, EmitToJSStreamListener): of a small answer's
// user time a tenth on the worker's side (two reads), and on the client's 5 of the 134 µs that a request took.

/** Bytes of one read, at most. */
export const PIECE = 64 * 1024

/** A part of something larger, so that nobody can take it for memory of its own and give it back (spool/backing.ts). */
const shared = Buffer.allocUnsafeSlow(PIECE + 1).subarray(0, PIECE)

/** What a socket is to read into: the `buffer` of its `onread`. */
export const lendingBuffer: Uint8Array = shared

/** So many bytes that were just read. */
export function lent(count: number): Buffer {
  return count === PIECE ? shared : shared.subarray(0, count)
}

/** The same bytes for whoever needs them longer: a copy, unless they were not lent. */
export function owned(bytes: Buffer): Buffer {
  if (bytes.buffer !== shared.buffer) return bytes
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  return copy
}
