// A zone of `limit_req`: for each key a bucket that fills by one with a request and leaks at the zone's rate, reckoned in
// thousandths of a request and in milliseconds (ngx_http_limit_req_module). Knows no request.

/** What a key's entry takes in nginx's zone beside the key (64-bit), and the least that its allocator gives. */
const ENTRY_BYTES = 80
const LEAST_BYTES = 64
/** An empty bucket is forgotten when it has not been touched for so long, in milliseconds. */
const IDLE_MS = 60_000

interface Bucket {
  excess: number
  last: number
  /** Requests that have looked and not yet been counted: it must stay. */
  looking: number
  readonly bytes: number
}

/** One request's look at a bucket: to be counted, or to be taken back. */
export interface Look {
  /** What is in the bucket beyond one a moment, the request included, in thousandths. */
  readonly excess: number
  /** Counts it now. @returns its excess */
  count(now: number): number
  takeBack(): void
}

export class RequestZone {
  readonly name: string
  /** Thousandths of a request a second. */
  readonly rate: number
  readonly #size: number
  #used = 0
  /** The bucket that was touched last is the last one. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(name: string, rate: number, size: number) {
    this.name = name
    this.rate = rate
    this.#size = size
  }

  get keys(): number {
    return this.#buckets.size
  }

  /** How long it takes until so much has leaked, in milliseconds. */
  msFor(excess: number): number {
    return Math.floor((excess * 1_000) / this.rate)
  }

  /**
   * Looks at the bucket of a key.
   * @returns null: there is no room for another key
   */
  look(key: string, now: number): Look | null {
    const known = this.#buckets.get(key)
    if (known !== undefined) {
      this.#buckets.delete(key)
      this.#buckets.set(key, known)
      return this.#lookAt(known, this.#excessOf(known, now))
    }
    const bytes = bytesOf(key)
    this.#forget(now)
    // By force, where it must be, the one that was touched the longest time ago.
    if (this.#used + bytes > this.#size && !this.#drop(() => true)) return null
    if (this.#used + bytes > this.#size) return null
    // A second's worth in the past, so that the first request of a key has no excess.
    const bucket = { excess: 0, last: now - Math.ceil(1_000_000 / this.rate), looking: 0, bytes }
    this.#buckets.set(key, bucket)
    this.#used += bytes
    return this.#lookAt(bucket, 0)
  }

  #lookAt(bucket: Bucket, excess: number): Look {
    bucket.looking++
    let done = false
    const leave = (): boolean => {
      if (done) return false
      done = true
      bucket.looking--
      return true
    }
    return {
      excess,
      count: now => {
        leave()
        bucket.excess = this.#excessOf(bucket, now)
        bucket.last = Math.max(now, bucket.last)
        return bucket.excess
      },
      takeBack: () => void leave(),
    }
  }

  #excessOf({ excess, last }: Bucket, now: number): number {
    const leaked = Math.floor((this.rate * Math.max(0, now - last)) / 1_000)
    return Math.max(0, excess - leaked + 1_000)
  }

  // One or two buckets that have long been empty, with each new key: as many go as come.
  #forget(now: number): void {
    const isEmpty = ({ excess, last }: Bucket) =>
      now - last >= IDLE_MS && excess <= Math.floor((this.rate * (now - last)) / 1_000)
    if (this.#drop(isEmpty)) this.#drop(isEmpty)
  }

  #drop(may: (bucket: Bucket) => boolean): boolean {
    for (const [key, bucket] of this.#buckets) {
      if (bucket.looking > 0 || !may(bucket)) return false
      this.#buckets.delete(key)
      this.#used -= bucket.bytes
      return true
    }
    return false
  }
}

// nginx's allocator gives powers of two.
function bytesOf(key: string): number {
  return Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(ENTRY_BYTES + key.length)))
}
