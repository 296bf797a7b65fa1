// Entries of a cache's zone as they lie in memory that all threads share: found by digest, in the order of their last use,
// each with what is known of one answer. Bounded from the start. Whoever calls holds the lock; what the entries mean is the
// zone's matter.

/** Bytes of the zone for an entry: nginx's come to some 8,000 to the megabyte. */
const BYTES = 128
/** 32-bit words of an entry. */
const WORDS = 22
/** Words of an entry, after four of its digest: how often it was asked for, who holds it, the status that stands for an answer. */
export const [USES, HELD, STATUS, TURN, ENDING] = [8, 9, 10, 11, 20]
const [CHAIN, NEWER, OLDER, FLAGS] = [4, 5, 6, 7]
/** Pairs of words, each a number of floating point. */
export const [EXPIRES, VALID, LOCKED, SIZE] = [12, 14, 16, 18]

/** Words before the entries; the first is the lock. */
const HEAD = 16
const [FREE, NEWEST, OLDEST, COUNT, WATERMARK, ENTRIES] = [1, 2, 3, 4, 5, 10]
export const [COLD, LOADING] = [6, 7]
const SUM = 8

export const NONE = 0

/** Bits of an entry's flags: there is a file; somebody makes it anew; there is a file that is of no use any more. */
export const [EXISTS, UPDATING, LEFT] = [1, 2, 4]

export class Entries {
  /** For the lock, and for those who wait for an entry's turn. */
  readonly words: Int32Array
  readonly #doubles: Float64Array
  readonly #entries: number
  readonly #buckets: number

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory)
    this.#doubles = new Float64Array(memory)
    this.#entries = this.words[ENTRIES]!
    this.#buckets = HEAD + this.#entries * WORDS
  }

  /** @param size bytes, as the file has it */
  static memoryFor(size: number): SharedArrayBuffer {
    const entries = Math.max(1, Math.floor(size / BYTES))
    // Each has a bucket of its own; the whole is made of pairs of words.
    const pairs = Math.ceil((HEAD + entries * (WORDS + 1)) / 2)
    const words = new Int32Array(new SharedArrayBuffer(pairs * 8))
    words[COLD] = 1
    words[ENTRIES] = entries
    words[WATERMARK] = entries + 1
    for (let i = entries - 1; i >= 0; i--) {
      const at = HEAD + i * WORDS
      words[at + CHAIN] = words[FREE]!
      words[FREE] = at
    }
    return words.buffer as SharedArrayBuffer
  }

  get count(): number {
    return this.words[COUNT]!
  }

  /** There are so many that there was no room for another. */
  get crowded(): boolean {
    return this.words[COUNT]! >= this.words[WATERMARK]!
  }

  /** On the disk, of all of them. */
  get bytes(): number {
    return this.#doubles[SUM / 2]!
  }

  /** The one that was not asked for for longest; 0: there is none. */
  get oldest(): number {
    return this.words[OLDEST]!
  }

  newerThan(at: number): number {
    return this.words[at + NEWER]!
  }

  get(at: number, field: number): number {
    return this.#doubles[(at + field) / 2]!
  }

  set(at: number, field: number, value: number): void {
    this.#doubles[(at + field) / 2] = value
  }

  /** Whether one of these flags is up. */
  has(at: number, flags: number): boolean {
    return (this.words[at + FLAGS]! & flags) !== 0
  }

  raise(at: number, flags: number): void {
    this.words[at + FLAGS] = this.words[at + FLAGS]! | flags
  }

  lower(at: number, flags: number): void {
    this.words[at + FLAGS] = this.words[at + FLAGS]! & ~flags
  }

  /** Tells those who wait that something has become of it. */
  wake(at: number): void {
    Atomics.add(this.words, at + TURN, 1)
    Atomics.notify(this.words, at + TURN)
  }

  #bucket(digest: string): number {
    return this.#buckets + (Number.parseInt(digest.slice(0, 8), 16) % this.#entries)
  }

  /** 0: there is none. */
  find(digest: string): number {
    const [a, b, c, d] = wordsOf(digest)
    const words = this.words
    let at = words[this.#bucket(digest)]!
    while (
      at !== NONE &&
      (words[at] !== a || words[at + 1] !== b || words[at + 2] !== c || words[at + 3] !== d)
    )
      at = words[at + CHAIN]!
    return at
  }

  /** 32 digits. */
  digest(at: number): string {
    let text = ''
    for (let i = 0; i < 4; i++) text += (this.words[at + i]! >>> 0).toString(16).padStart(8, '0')
    return text
  }

  /** A new one, in no order yet; 0: there is no room. */
  allocate(digest: string): number {
    const words = this.words
    const at = words[FREE]!
    if (at === NONE) {
      // From here on the keeper leaves some room.
      words[WATERMARK] = words[COUNT]! - Math.floor(words[COUNT]! / 8)
      return NONE
    }
    words[FREE] = words[at + CHAIN]!
    // Those who still wait for what was here are told by its turn, which goes on.
    const turn = words[at + TURN]!
    words.fill(0, at, at + WORDS)
    words[at + TURN] = turn
    words.set(wordsOf(digest), at)
    const bucket = this.#bucket(digest)
    words[at + CHAIN] = words[bucket]!
    words[bucket] = at
    words[COUNT]!++
    return at
  }

  /** It is no more. */
  free(at: number): void {
    const words = this.words
    this.unlink(at)
    this.resize(at, 0)
    let link = this.#bucket(this.digest(at))
    while (words[link] !== at) link = words[link]! + CHAIN
    words[link] = words[at + CHAIN]!
    words[at + CHAIN] = words[FREE]!
    words[FREE] = at
    words[COUNT]!--
  }

  /** It is in use now. */
  linkNewest(at: number): void {
    const words = this.words
    const before = words[NEWEST]!
    words[at + NEWER] = NONE
    words[at + OLDER] = before
    words[NEWEST] = at
    if (before === NONE) words[OLDEST] = at
    else words[before + NEWER] = at
  }

  /** Out of the order. */
  unlink(at: number): void {
    const words = this.words
    const [newer, older] = [words[at + NEWER]!, words[at + OLDER]!]
    if (newer !== NONE) words[newer + OLDER] = older
    else if (words[NEWEST] === at) words[NEWEST] = older
    if (older !== NONE) words[older + NEWER] = newer
    else if (words[OLDEST] === at) words[OLDEST] = newer
  }

  /** What it holds on the disk. */
  resize(at: number, bytes: number): void {
    this.#doubles[SUM / 2] = this.#doubles[SUM / 2]! + bytes - this.get(at, SIZE)
    this.set(at, SIZE, bytes)
  }
}

function wordsOf(digest: string): [number, number, number, number] {
  const word = (i: number) => Number.parseInt(digest.slice(i * 8, i * 8 + 8), 16) | 0
  return [word(0), word(1), word(2), word(3)]
}
