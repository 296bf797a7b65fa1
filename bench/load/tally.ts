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

export class Tally {
  readonly entries: Entry[] = []

  add(entry: Entry): void {
    this.entries.push(entry)
  }

  /** Right answers that ended between two moments. */
  right(from: number, to: number): number {
    return this.entries.filter(({ outcome, at }) => outcome === 'ok' && at >= from && at < to).length
  }

  count(match: (entry: Entry) => boolean): number {
    return this.entries.filter(match).length
  }
}
