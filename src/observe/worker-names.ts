// Which process has a request that takes long: looked up from our end of its connection, now and then, and noted in the
// exchange. Owns the timing; how it is looked up is somebody else's.

import type { InFlight } from './inflight.ts'

/** Finds the processes at the other ends of connections to workers, by our ports. */
export type Peers = (ports: ReadonlySet<number>) => Promise<ReadonlyMap<number, number>>

/** A worker's process is looked up when it has had a request for so long, and not more often than that (milliseconds). */
const AFTER_MS = 1_000
const EVERY_MS = 1_000

export class WorkerNames {
  readonly #inflight: InFlight
  #lookedAt = 0
  /** Set where processes can be seen. */
  peers: Peers | null = null

  constructor(inflight: InFlight) {
    this.#inflight = inflight
  }

  /** The coarse clock's beat. */
  tick(at: number): void {
    const { peers } = this
    if (peers === null || at - this.#lookedAt < EVERY_MS) return
    const nameless = this.#inflight.nameless(AFTER_MS, at)
    if (nameless.length === 0) return
    this.#lookedAt = at
    const ends = nameless.map(x => ({ x, end: x.nearEnd, port: x.nearEnd?.localPort ?? 0 }))
    void peers(new Set(ends.map(({ port }) => port))).then(found => {
      // Meanwhile it may have another worker, or none.
      for (const { x, end, port } of ends) if (x.nearEnd === end) x.pid = found.get(port) ?? 0
    })
  }
}
