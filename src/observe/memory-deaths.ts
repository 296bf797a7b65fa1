// Whether the kernel has just killed something for want of memory: compares its counters from look to look, and lends
// each kill it sees to one lost worker. Owns what was seen last; the counters are the kernel's.

import type { OomKills } from '../kernel/oom-kills.ts'

/**
 * `group`: in the proxy's own control group; `machine`: somewhere on this machine. Else nothing rose: anywhere on this
 * machine, or in the group alone where the machine's count cannot be seen; `unseen`: nothing can be seen.
 */
export type MemoryDeath = 'group' | 'machine' | 'none on machine' | 'none in group' | 'unseen'

/** Two or three small files are read so often, so that it is known when a count rose. Milliseconds. */
const EVERY_MS = 5_000
/** A loss is judged up to 3 s after it (incidents.ts), and what rose between two looks rose up to 5 s before the second. */
const RECENT_MS = 10_000

/** One counter: what has risen lately and explains no loss yet. */
interface Counter {
  last: number | null
  risen: number
  at: number
}

export class MemoryDeaths {
  readonly #read: () => OomKills
  readonly #group: Counter = { last: null, risen: 0, at: 0 }
  readonly #machine: Counter = { last: null, risen: 0, at: 0 }
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(read: () => OomKills) {
    this.#read = read
  }

  /** The clock's beat. */
  tick(at: number): void {
    if (at - this.#lookedAt >= EVERY_MS) this.#look(at)
  }

  /** What the kernel's counters say of a worker that was killed a moment ago; what rose explains no second one. */
  explain(at: number): MemoryDeath {
    // Of the first look nothing can be said: what it counts may be of last year.
    const first = this.#lookedAt === Number.NEGATIVE_INFINITY
    this.#look(at)
    if (first) return 'unseen'
    const ofGroup = take(this.#group)
    // The machine's counter has the group's kills as well.
    const ofMachine = take(this.#machine)
    if (ofGroup) return 'group'
    if (ofMachine) return 'machine'
    if (this.#machine.last !== null) return 'none on machine'
    return this.#group.last === null ? 'unseen' : 'none in group'
  }

  #look(at: number): void {
    this.#lookedAt = at
    const { group, machine } = this.#read()
    note(this.#group, group, at)
    note(this.#machine, machine, at)
  }
}

function note(counter: Counter, count: number | null, at: number): void {
  if (at - counter.at > RECENT_MS) counter.risen = 0
  if (count !== null && counter.last !== null && count > counter.last) {
    counter.risen += count - counter.last
    counter.at = at
  }
  counter.last = count
}

function take(counter: Counter): boolean {
  if (counter.risen === 0) return false
  counter.risen--
  return true
}
