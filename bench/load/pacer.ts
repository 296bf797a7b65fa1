// Token buckets for slow clients, all driven by one clock: forty uploads must not cost the bench forty timers.

const tick = 20

export interface Paced {
  /** Bytes that may be moved now; may go below zero by one piece, which is then waited for. */
  readonly allowance: number
  /** Whether everything was moved. */
  readonly done: boolean
  spend(bytes: number): void
  finish(): void
  stop(): void
}

class Bucket implements Paced {
  allowance = 0
  done = false
  readonly #perTick: number
  readonly #more: (allowance: number) => void

  constructor(rate: number, more: (allowance: number) => void) {
    this.#perTick = (rate * tick) / 1000
    this.#more = more
  }

  refill(ticks: number): void {
    // At most a quarter of a second in one go: a client that was held up does not then send a burst.
    this.allowance = Math.min(this.allowance + this.#perTick * ticks, this.#perTick * (250 / tick))
    if (this.allowance >= 1) this.#more(Math.floor(this.allowance))
  }

  spend(bytes: number): void {
    this.allowance -= bytes
  }

  finish(): void {
    this.done = true
    this.stop()
  }

  stop(): void {
    buckets.delete(this)
    if (buckets.size === 0) clearInterval(clock)
  }
}

const buckets = new Set<Bucket>()
let clock: NodeJS.Timeout | undefined
let last = 0

/** Calls `more` about every 20 ms with the bytes allowed at `rate` bytes a second, until stopped. */
export function pace(rate: number, more: (allowance: number) => void): Paced {
  const bucket = new Bucket(rate, more)
  if (buckets.size === 0) {
    last = performance.now()
    clock = setInterval(() => {
      const now = performance.now()
      const ticks = (now - last) / tick
      last = now
      for (const each of [...buckets]) each.refill(ticks)
    }, tick)
  }
  buckets.add(bucket)
  return bucket
}
