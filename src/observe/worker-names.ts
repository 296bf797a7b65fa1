// Which process has a request that takes long: looked up from our end of its connection, now and then, and noted in the
// exchange. Owns the timing; how it is looked up is somebody else's.

import { now } from '../clock.ts'
import type { InFlight } from './inflight.ts'

/** Finds the processes at the other ends of connections to workers, by our ports. */
export type Peers = (ports: ReadonlySet<number>) => Promise<ReadonlyMap<number, number>>

/** A worker's process is looked up when it has had a request for so long, and not more often than that (milliseconds). */
const AFTER_MS = 1_000
const EVERY_MS = 1_000
/**
 * Nor before this many times as long as the last look took: beside 46,000 connections in TIME_WAIT the kernel prints its
 * table of them for 250 ms, and going through it keeps the event loop for some twenty.
 */
const EVERY_TIMES = 20

export class WorkerNames {
  readonly #inflight: Pick<InFlight, 'nameless'>
  readonly #clock: () => number
  #nextAt = 0
  #looking = false
  /** Set where processes can be seen. */
  peers: Peers | null = null

  /** @param clock milliseconds, that of `tick` */
  constructor(inflight: Pick<InFlight, 'nameless'>, clock: () => number = now) {
    this.#inflight = inflight
    this.#clock = clock
  }

  /** The coarse clock's beat. */
  tick(at: number): void {
    const { peers } = this
    if (peers === null || this.#looking || at < this.#nextAt) return
    const nameless = this.#inflight.nameless(AFTER_MS, at)
    if (nameless.length === 0) return
    this.#looking = true
    const begun = this.#clock()
    const ends = nameless.map(x => ({ x, end: x.nearEnd, port: x.nearEnd?.localPort ?? 0 }))
    void peers(new Set(ends.map(({ port }) => port))).then(found => {
      const ended = this.#clock()
      this.#looking = false
      this.#nextAt = Math.max(begun + EVERY_MS, ended + (ended - begun) * EVERY_TIMES)
      // Meanwhile it may have another worker, or none.
      for (const { x, end, port } of ends) if (x.nearEnd === end) x.pid = found.get(port) ?? 0
    })
  }
}
