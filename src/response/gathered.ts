// The pieces of an answer that were gathered for one write, as that write. Each is copied, as what came from the worker lies in
// memory that the next read from it overwrites; but for a large one alone that can be had as it is.

import { isOffered, owned } from '../socket/lent.ts'

/** Up to this size, in bytes, Node writes a string without allocating (16 KB on its stack, src/stream_base.cc). */
const SMALL = 8 * 1024

/**
 * All pieces in their order. A small answer becomes a string, one character a byte: Node gives one to the kernel from its
 * stack, without a Buffer being made for it. A large one becomes a Buffer that nobody else has.
 * @param length of all pieces, in bytes
 */
export function gathered(pieces: readonly (string | Buffer)[], length: number): Buffer | string {
  if (length <= SMALL) {
    let text = ''
    for (const piece of pieces) text += typeof piece === 'string' ? piece : piece.toString('latin1')
    return text
  }
  const first = pieces[0]!
  if (pieces.length === 1 && typeof first !== 'string' && isOffered(first)) return owned(first)
  // Slow: not a part of Node's pool, so that it can be given back.
  const joined = Buffer.allocUnsafeSlow(length)
  let at = 0
  for (const piece of pieces) {
    at += typeof piece === 'string' ? joined.write(piece, at, 'latin1') : piece.copy(joined, at)
  }
  return joined
}
