// What a load client saw: one entry a request, and the questions scenarios ask of them.

export type Outcome = 'ok' | 'wrong' | 'refused' | 'broken' | 'left'

export interface Entry {
  /** When it ended, on the clock of `performance.now()`. */
  at: number
  /** When it was sent. */
  sent: number
  kind: string
  outcome: Outcome
  /** 0 when there was no answer. */
  status: number
}

/** Fewer answers than this are counted. */
const FEW = 50

export class Tally {
  readonly entries: Entry[] = []

  add(entry: Entry): void {
    this.entries.push(entry)
  }

  /** Right answers that ended between two moments. */
  right(from: number, to: number): number {
    return this.entries.filter(({ outcome, at }) => outcome === 'ok' && at >= from && at < to).length
  }

  /**
   * Right answers a second between two moments: the slope of their number over time (least squares). Workers that take alike
   * answer together, and a count of what falls between two moments comes in steps of all of them: a hundredth of the whole in
   * a window of four seconds. Of a few answers there is no slope, and they are counted.
   */
  rate(from: number, to: number): number {
    const ends = this.entries.filter(({ outcome, at }) => outcome === 'ok' && at >= from && at < to)
    if (ends.length < FEW) return (ends.length / (to - from)) * 1000
    const times = ends.map(({ at }) => at).sort((one, other) => one - other)
    const middle = times.reduce((sum, at) => sum + at, 0) / times.length
    let together = 0
    let apart = 0
    for (const [nth, at] of times.entries()) {
      together += (at - middle) * (nth - (times.length - 1) / 2)
      apart += (at - middle) ** 2
    }
    return (together / apart) * 1000
  }

  count(match: (entry: Entry) => boolean): number {
    return this.entries.filter(match).length
  }
}
