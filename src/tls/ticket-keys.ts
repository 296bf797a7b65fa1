// The keys that seal TLS session tickets. Those that nobody gives are made here, in memory that all threads share, and
// change with time; a ticket is still opened by the keys before. Knows no connection.

import { createHmac, randomBytes } from 'node:crypto'
import type { SecureContext } from 'node:tls'
import { alone } from '../memory-lock.ts'

/** What seals a ticket: its name, which the ticket begins with, and keys of 16 bytes for AES and for the HMAC. */
export interface TicketKey {
  readonly name: Buffer
  readonly hmac: Buffer
  readonly aes: Buffer
}

export interface TicketKeys {
  /** The one that new tickets are sealed with comes first. */
  now(): readonly TicketKey[]
}

const NAME = 16
const KEY = 16

// — made here

const RINGS = 64
/** Times whose keys are remembered; three are in use, one may be on its way. */
const TIMES = 4
const SECRET_WORDS = 8
const TIME_WORDS = 1 + SECRET_WORDS
/** Of each ring: how long its keys are in use, when in that time they change, and the secrets by time. */
const RING_HEAD = 2
const RING_WORDS = RING_HEAD + TIMES * TIME_WORDS

/** Memory for the keys of all threads. */
export function ticketMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * (1 + RINGS * RING_WORDS))
}

/**
 * Keys that change each so many milliseconds (as in nginx since 1.23.2: with the time a session may be taken up again),
 * so that a ticket can be opened for as long as its session is good. Every label has keys of its own. The time counts from
 * the first key that is asked for: a second ticket of the same client is sealed with it, too.
 */
export class MadeKeys implements TicketKeys {
  readonly #words: Int32Array
  readonly #period: number
  readonly #label: string
  readonly #ring: number
  readonly #clock: () => number
  readonly #derived = new Map<number, TicketKey>()
  #begun: number | null = null

  /** @param memory that of all threads @param clock milliseconds since 1970, the same for all threads */
  constructor(memory: SharedArrayBuffer, label: string, periodMs: number, clock: () => number = Date.now) {
    this.#words = new Int32Array(memory)
    this.#period = Math.max(1, Math.ceil(periodMs / 1_000))
    this.#label = label
    this.#ring = alone(this.#words, () => this.#ringOf(this.#period))
    this.#clock = clock
  }

  now(): readonly TicketKey[] {
    const time = this.#time()
    for (const each of this.#derived.keys()) if (Math.abs(each - time) > 1) this.#derived.delete(each)
    const keys = [this.#key(time, true)!]
    // Another thread's clock may be a moment ahead.
    for (const other of [time - 1, time + 1]) {
      const key = this.#key(other, false)
      if (key !== null) keys.push(key)
    }
    return keys
  }

  #time(): number {
    const seconds = Math.floor(this.#clock() / 1_000)
    this.#begun ??= alone(this.#words, () => this.#beginning(seconds))
    return Math.floor((seconds - this.#begun) / this.#period)
  }

  // Seconds, less than a period; 0 in memory is that nobody has asked yet.
  #beginning(seconds: number): number {
    const words = this.#words
    words[this.#ring + 1] ||= 1 + (seconds % this.#period)
    return words[this.#ring + 1]! - 1
  }

  #key(time: number, make: boolean): TicketKey | null {
    let key = this.#derived.get(time)
    if (key !== undefined) return key
    const secret = alone(this.#words, () => this.#secret(time, make))
    if (secret === null) return null
    const bytes = createHmac('sha512', secret).update(this.#label).digest()
    this.#derived.set(time, (key = keyFrom(bytes)))
    return key
  }

  #secret(time: number, make: boolean): Buffer | null {
    const words = this.#words
    const at = this.#ring + RING_HEAD + (time % TIMES) * TIME_WORDS
    const secret = words.subarray(at + 1, at + TIME_WORDS)
    if (words[at] !== time) {
      if (!make) return null
      secret.set(new Int32Array(new Uint8Array(randomBytes(4 * SECRET_WORDS)).buffer))
      words[at] = time
    }
    return Buffer.from(Int32Array.from(secret).buffer)
  }

  // Whoever finds none left shares the last.
  #ringOf(period: number): number {
    for (let ring = 0; ; ring++) {
      const at = 1 + ring * RING_WORDS
      if (this.#words[at] === 0) this.#words[at] = period
      if (this.#words[at] === period || ring === RINGS - 1) return at
    }
  }
}

// — from files

/** nginx's files: a name, 16 bytes for AES, 16 for HMAC; with 80 bytes a name, 32 for HMAC, 32 for AES. */
export const FILE_LENGTHS: readonly number[] = [48, 80]

/** @param file 48 or 80 bytes; of the longer kind half of each key is taken, alike on every machine that has the file */
export function keyOfFile(file: Buffer): TicketKey {
  const half = (file.length - NAME) / 2
  const [first, second] = [file.subarray(NAME, NAME + half), file.subarray(NAME + half)]
  const [aes, hmac] = file.length === 48 ? [first, second] : [second, first]
  return { name: file.subarray(0, NAME), hmac: hmac.subarray(0, KEY), aes: aes.subarray(0, KEY) }
}

function keyFrom(bytes: Buffer): TicketKey {
  const [name, hmac, aes] = [0, 1, 2].map(each => bytes.subarray(each * KEY, (each + 1) * KEY))
  return { name: name!, hmac: hmac!, aes: aes! }
}

// — in use

/** The part of a context's handle that asks for keys (node: src/crypto/crypto_context.cc, TicketKeyCallback). */
interface Handle {
  onticketkeycallback?(
    name: Buffer,
    iv: Buffer,
    seals: boolean,
  ): readonly [code: number, hmac: Buffer, aes: Buffer, name: Buffer | null, iv: Buffer | null]
  enableTicketKeyCallback?(): void
}

/** From OpenSSL's documents of SSL_CTX_set_tlsext_ticket_key_cb: not ours; good; good, and to be sealed anew. */
const UNKNOWN = 0
const GOOD = 1
const RENEW = 2

/** From here on the context's tickets are sealed with these. */
export function useTicketKeys({ context }: SecureContext, keys: TicketKeys): void {
  const handle = context as Handle
  if (handle.enableTicketKeyCallback === undefined) return
  handle.onticketkeycallback = (name, _iv, seals) => {
    const known = keys.now()
    if (seals) {
      const { hmac, aes, name: mine } = known[0]!
      return [GOOD, hmac, aes, mine, randomBytes(16)]
    }
    const at = known.findIndex(each => each.name.equals(name))
    // Keys are looked at even where the answer is that there are none, and must be of their length.
    const { hmac, aes } = known[Math.max(0, at)]!
    return [at === -1 ? UNKNOWN : at === 0 ? GOOD : RENEW, hmac, aes, null, null]
  }
  handle.enableTicketKeyCallback()
}
