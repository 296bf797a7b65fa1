// The taken lanes of one pool: which request holds which, the lowest free one first. Counts and names only; how many
// may be taken is the pool's to say.

export interface Lanes {
  /** How many are taken. */
  readonly busy: number
  /** Which request holds each lane; null: free. As long as the busiest lane needs. */
  readonly holders: readonly (string | null)[]
  /** Takes the lowest free lane and returns its number, from 0. */
  take(holder: string): number
  free(lane: number): void
}

/** Lanes that one thread takes and gives back. */
export class OwnLanes implements Lanes {
  busy = 0
  readonly holders: (string | null)[] = []

  take(holder: string): number {
    let lane = this.holders.indexOf(null)
    if (lane === -1) lane = this.holders.length
    this.holders[lane] = holder
    this.busy++
    return lane
  }

  free(lane: number): void {
    this.holders[lane] = null
    this.busy--
    // The list is as long as the busiest moment needed, and no longer.
    while (this.holders.length > 0 && this.holders[this.holders.length - 1] === null) this.holders.pop()
  }
}
