// TLS sessions in memory that all threads share (`ssl_session_cache shared:…`): a ring of bytes, where what is written
// last overwrites what was written first, and a table that says where each session begins. What is found may be gone
// already, and is looked at. Knows no handshake.

import { alone } from '../memory-lock.ts'

/** Sessions by their numbers. */
export interface SessionStore {
  get(id: Buffer): Buffer | null
  keep(id: Buffer, session: Buffer): void
}

/** A lock, how many bytes there are, and where the ring goes on. */
const HEAD = 16
/** Of each session: its length and its number's, the number (RFC 5246 §7.4.1.2: at most 32 bytes), itself. */
const LENGTHS = 4
/** A session without a client's certificate takes about as much. */
const USUAL = 256
/** A place in the table: where in all that was ever written a session begins, and one. */
const PLACE = 8

/** Memory for so many bytes of sessions. */
export function sessionMemory(bytes: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(HEAD + PLACE * placesFor(bytes) + bytes)
  new Int32Array(memory, 0, 2)[1] = bytes
  return memory
}

/** How many bytes it was made for. */
export function bytesIn(memory: SharedArrayBuffer): number {
  return new Int32Array(memory, 0, 2)[1]!
}

function placesFor(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / USUAL))
}

export class SharedSessions implements SessionStore {
  readonly #lock: Int32Array
  readonly #head: Float64Array
  readonly #places: Float64Array
  readonly #ring: Buffer

  /** @param memory of `sessionMemory` */
  constructor(memory: SharedArrayBuffer) {
    const bytes = bytesIn(memory)
    const places = placesFor(bytes)
    this.#lock = new Int32Array(memory, 0, 1)
    this.#head = new Float64Array(memory, 8, 1)
    this.#places = new Float64Array(memory, HEAD, places)
    this.#ring = Buffer.from(memory, HEAD + PLACE * places, bytes)
  }

  get(id: Buffer): Buffer | null {
    return alone(this.#lock, () => {
      const begun = this.#places[this.#placeOf(id)]! - 1
      const ring = this.#ring
      // Overwritten since.
      if (begun < 0 || this.#head[0]! - begun > ring.length) return null
      const at = begun % ring.length
      const [idLength, length] = [ring.readUInt16BE(at), ring.readUInt16BE(at + 2)]
      const from = at + LENGTHS + idLength
      // Numbers that have their place in the table in common.
      if (!ring.subarray(at + LENGTHS, from).equals(id)) return null
      return Buffer.from(ring.subarray(from, from + length))
    })
  }

  keep(id: Buffer, session: Buffer): void {
    const size = LENGTHS + id.length + session.length
    if (size > this.#ring.length || session.length > 0xffff) return
    alone(this.#lock, () => {
      const ring = this.#ring
      let begun = this.#head[0]!
      // None goes over the end.
      const left = ring.length - (begun % ring.length)
      if (left < size) begun += left
      const at = begun % ring.length
      ring.writeUInt16BE(id.length, at)
      ring.writeUInt16BE(session.length, at + 2)
      id.copy(ring, at + LENGTHS)
      session.copy(ring, at + LENGTHS + id.length)
      this.#head[0] = begun + size
      this.#places[this.#placeOf(id)] = begun + 1
    })
  }

  // Numbers are made here, by chance; what a client says in their place is found to be another.
  #placeOf(id: Buffer): number {
    return (id.length < 4 ? 0 : id.readUInt32BE(0)) % this.#places.length
  }
}

/** Sessions of one thread alone; the oldest make room. */
export class OwnSessions implements SessionStore {
  readonly #most: number
  readonly #kept = new Map<string, Buffer>()
  #bytes = 0

  /** @param most bytes */
  constructor(most: number) {
    this.#most = most
  }

  get(id: Buffer): Buffer | null {
    return this.#kept.get(id.toString('latin1')) ?? null
  }

  keep(id: Buffer, session: Buffer): void {
    const name = id.toString('latin1')
    this.#drop(name)
    this.#kept.set(name, session)
    this.#bytes += session.length
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#most) break
      this.#drop(oldest)
    }
  }

  #drop(name: string): void {
    this.#bytes -= this.#kept.get(name)?.length ?? 0
    this.#kept.delete(name)
  }
}
