// The one buffer that plain sockets read into, from clients and from workers. What came is lent to whoever is told
// of it, until it returns: the next read lies in the same place. A connection that brings much reads into a piece of its own,
// which whoever needs a large body for longer is given as it is. Knows no socket.
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

/** The same bytes for whoever needs them longer: a copy, unless they were not lent, or are a whole piece that nobody has yet. */
export function owned(bytes: Buffer): Buffer {
  if (isOffered(bytes)) {
    offered = null
    return bytes
  }
  if (bytes.buffer !== shared.buffer && bytes.buffer !== told) return bytes
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  return copy
}

/** Whether these can be had without a copy (`owned`). Whoever is to look at them afterwards hands on a view: that never can. */
export function isOffered(bytes: Buffer): boolean {
  return bytes === offered
}

// — a connection's own piece

/** So many connections have one at a time, at most, whatever they bring: what comes on others is copied. */
const MOST_BORROWED = 64
/** Pieces that are kept for the next, at most. */
const MOST_SPARE = 8

const spare: Buffer[] = []
let borrowed = 0
/** The memory of the piece that is being told of; and that piece, as long as it is full and nobody has it. */
let told: ArrayBufferLike | null = null
let offered: Buffer | null = null

/** A piece to read into; null: too many connections have one. */
export function borrowPiece(): Buffer | null {
  if (borrowed === MOST_BORROWED) return null
  borrowed++
  return spare.pop() ?? Buffer.allocUnsafeSlow(PIECE)
}

/** The connection has none any more. @param piece nobody else has it either; null: somebody may */
export function returnPiece(piece: Buffer | null): void {
  borrowed--
  if (piece !== null && spare.length < MOST_SPARE) spare.push(piece)
}

/** Tells `owner` of so many bytes in a connection's own piece. True: somebody has it now, and it is not to be read into again. */
export function lendPiece(piece: Buffer, count: number, owner: { received(bytes: Buffer): void }): boolean {
  told = piece.buffer
  offered = count === PIECE ? piece : null
  try {
    owner.received(offered ?? piece.subarray(0, count))
    return count === PIECE && offered === null
  } finally {
    told = offered = null
  }
}
