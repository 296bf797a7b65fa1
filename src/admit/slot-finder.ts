// How many slots an upstream has, found out while it works. Pure: it is told what happens and when, and says how many
// requests may be with the upstream at once. It knows no sockets and no queue.
//
// To find more, one request more than is believed to fit must be let go; only one that can be sent again, and only
// while others wait. Then either the kernel shows it waiting in the listener's backlog (that is the edge), or the
// timing does: `concurrency.ts` never finds it at work together with all the others. See docs/workers.md.

import { BacklogReadings } from './backlog-readings.ts'
import { CalmSpell } from './calm-spell.ts'
import { Comparison, NO_LIMIT } from './comparison.ts'
import { FEW } from './crowding.ts'
import { LowerLooks } from './lower-looks.ts'
import { type FinderOptions, SlotBelief } from './slot-belief.ts'
import type { PoolWatcher } from './slot-pool.ts'
import { SlotTrials } from './slot-trials.ts'
import { inTime, WorkProofs } from './work-proofs.ts'

/**
 * `unknown`; `exact`: it accepts what it works on and no more, so that the kernel shows its number; `more`: it accepts
 * more than it works on (threads), so that only timing tells; `none`: no limit was found.
 */
export type Kind = 'unknown' | 'exact' | 'more' | 'none'

/** Requests that must have ended, for each slot, before what was not seen is believed not to be. */
const ENDS_TO_JUDGE = 4
const ENDS_TO_LOWER = 12
/** So much of the number must be seen to keep it. */
const ENOUGH_SEEN = 0.85
/** The kernel has shown no edge for so long: it accepts whatever comes, or no more comes. */
const STALLED_MS = 500
/** By timing alone, less is believed after so many looks in a row. */
const LOWER_BY_TIMING = 2
/** Accepted without a proof that they are worked on: so many, or so many times what is proven. */
const UNPROVEN_MOST = 16
const UNPROVEN_TIMES = 4

export class SlotFinder implements PoolWatcher {
  kind: Kind = 'unknown'
  readonly #options: FinderOptions
  readonly #belief: SlotBelief
  readonly #work = new WorkProofs()
  readonly #readings = new BacklogReadings()
  /** Proven by timing since the upstream was last seen to be another. */
  #proven = 0
  /** What the kernel showed last as all that is accepted. */
  #exact = 0
  /** It was seen to accept more than it works on before: what the kernel showed may have been a late accept. */
  #doubtful = false
  readonly #calm = new CalmSpell()
  readonly #lower = new LowerLooks()
  readonly #comparison: Comparison
  readonly #trials: SlotTrials

  constructor(options: FinderOptions) {
    this.#options = options
    this.#belief = new SlotBelief(options, () => {
      this.#readings.clear()
      this.#work.begin()
    })
    this.#comparison = new Comparison(options, this.#belief, this.#work)
    this.#trials = new SlotTrials(options, this.#belief, this.#work)
  }

  /** As far as is known; Infinity: there is no limit. */
  get limit(): number {
    return this.#belief.limit
  }

  /** Where it comes from, for people. */
  get evidence(): string {
    return this.#belief.evidence
  }

  /** So few are let go while what requests take is learnt; 0: as many as may be. */
  get #few(): number {
    return this.#comparison.isUnderWay ? FEW : this.#calm.slots
  }

  /** How many may be with the upstream at once, whatever they are. */
  get forAny(): number {
    return this.#few || (this.#belief.exposed ? this.limit + 1 : this.limit)
  }

  get forResendable(): number {
    return this.#few || Math.max(this.#belief.ceiling, this.forAny)
  }

  /** Whether it is to hear of each slot that is taken and given back. */
  get wantsTimes(): boolean {
    return this.kind === 'unknown' || this.kind === 'more'
  }

  granted(lane: number, route: string, at: number): void {
    this.#work.granted(lane, route, at)
  }

  ended(lane: number, answered: boolean, at: number): void {
    if (!this.wantsTimes) return
    const full = this.#belief.trying ? this.limit + 1 : this.limit
    // In the company of so many nobody waits for a worker; what is merely accepted may yet wait for a thread.
    const trusted = this.kind === 'unknown' && this.#options.kernel ? this.#options.least : this.limit
    this.#work.ended(lane, answered, this.#calm.slots || trusted, full, at)
    if (this.#comparison.isUnderWay) return
    if (this.#calm.slots === 0) this.#judgeTiming(at)
    else this.#endCalm(at)
  }

  /** The upstream was away and is back: what was found is still the best guess. */
  returned(at: number): void {
    if (this.kind !== 'none') this.#beginAgain()
    this.#belief.hasten()
    this.#belief.settle(at)
  }

  /** Another number is given (`least`). */
  told(at: number): void {
    this.#beginAgain()
    this.#belief.startFrom(this.#options.least, 'counted', at)
  }

  #beginAgain(): void {
    if (!this.wantsTimes) this.#work.restart()
    this.kind = 'unknown'
    this.#doubtful = false
    this.#calm.slots = 0
    this.#lower.forget()
    this.#comparison.forget()
  }

  // — timing

  #judgeTiming(at: number): void {
    const { best, peak, ends } = this.#work
    if (best > this.#proven) this.#proven = best
    if (this.#comparison.overtakes) return
    const most = this.#comparison.boundless(best, at)
    if (most > 0) {
      this.kind = 'none'
      this.#belief.edge(Number.POSITIVE_INFINITY, `no limit: ${most} were at work at once`, at)
      return
    }
    if (this.kind === 'unknown' && this.#options.kernel) {
      // The kernel is asked first.
      if (at - this.#belief.since >= STALLED_MS) this.#judgeAcceptedOnly(best, at)
    } else if (!this.#belief.trying) this.#judgeDown(best, at)
    else if (best >= this.#belief.ceiling && best > this.limit) {
      // All that was tried is at work: more, at once.
      this.#belief.raise(best, `timing: ${best} at work at once`, at)
    } else if (best > this.limit) {
      this.#belief.raisePart(best, `timing: ${best} at work at once`)
    } else if (peak > this.limit && ends >= ENDS_TO_JUDGE * (this.limit + 1)) {
      this.kind = 'more'
      this.#belief.edge(this.limit, inTime(this.limit), at)
    }
  }

  // All that came was accepted; that they are worked on must show now, or timing counts alone.
  #judgeAcceptedOnly(best: number, at: number): void {
    if (this.limit <= this.#options.least || best >= Math.min(this.#work.peak, this.limit)) return
    if (this.#work.ends < ENDS_TO_JUDGE * (best + 1)) return
    this.kind = 'more'
    const found = Math.max(this.#options.least, best)
    this.#work.forget()
    this.#calm.postpone(at)
    this.#belief.startFrom(found, inTime(found), at)
  }

  #judgeDown(best: number, at: number): void {
    if (this.limit <= this.#options.least || this.#work.ends < ENDS_TO_LOWER * this.limit) return
    if (best >= this.limit * ENOUGH_SEEN || best === 0) this.#lower.forget()
    else this.#lower.add(best, at)
    if (this.#lower.count < LOWER_BY_TIMING) {
      this.#work.begin()
      return
    }
    const found = Math.max(this.#options.least, this.#lower.most)
    this.#lower.forget()
    this.#proven = 0
    this.#belief.edge(found, inTime(found), at)
    this.#beginCalm(at)
  }

  // — the kernel's tables

  /** Whether a look at the kernel's tables is under way, which takes several readings. */
  get looking(): boolean {
    return this.#belief.trying || this.#readings.begun
  }

  /** Whether a reading is wanted now. */
  wantsReading(at: number): boolean {
    if (!this.#readings.isDue(at) || this.#comparison.isUnderWay) return false
    return this.looking || (this.kind !== 'more' && at >= this.#belief.lookAt)
  }

  /**
   * What the kernel shows.
   * @param busy our connections to the upstream, of which
   * @param queued wait in the listener's backlog
   */
  read(busy: number, queued: number, at: number): void {
    // What is tried must be there to be seen.
    if (busy === 0 || (this.#belief.trying && busy <= this.limit)) {
      this.#readings.pass(at)
      return
    }
    const verdict = this.#readings.add(busy, queued, at, this.#belief.trying && this.kind === 'exact')
    if (verdict === null) return
    if (verdict.waits) this.#judgeBacklog(verdict.accepted, at)
    else {
      this.#lower.forget()
      if (this.#belief.trying) this.#judgeAccepted(verdict.accepted, at)
      else this.#belief.postpone(at)
    }
  }

  #judgeBacklog(accepted: number, at: number): void {
    // Nothing is accepted at all: it starts, or stands still. Or so much is that an app without a limit was late with more.
    if (accepted === 0 || (this.kind === 'none' && accepted >= NO_LIMIT)) {
      this.#belief.settle(at)
      return
    }
    if (this.kind === 'none' || accepted < this.limit) {
      this.#lower.add(accepted, at)
      if (!this.#lower.isConvincing(at)) {
        this.#belief.hasten()
        this.#belief.settle(at)
        return
      }
    }
    // Where most of what was tried was accepted, the rest may be about to be: that is no edge yet.
    const { first, step } = this.#belief
    if ((first || step > 1) && accepted > this.limit + step / 2) this.#judgeAccepted(accepted, at)
    else this.#backlogEdge(accepted, at)
  }

  #backlogEdge(accepted: number, at: number): void {
    const found = Math.max(this.#options.least, accepted, this.#lower.most)
    if (this.kind === 'more') this.#doubtful = true
    this.kind = 'exact'
    this.#exact = found
    this.#calm.postpone(at)
    this.#lower.forget()
    this.#belief.edge(found, `kernel: ${found} accepted while one more waited`, at)
  }

  #judgeAccepted(accepted: number, at: number): void {
    if (this.kind === 'more') return
    if (this.kind === 'exact' && this.#doubtful) {
      this.kind = 'more'
      this.#work.restart()
      this.#belief.edge(this.limit, inTime(this.limit), at)
      return
    }
    if (this.kind === 'exact' && accepted >= 2 * this.#exact) {
      // Twice as many, and nobody has restarted it: what waited there once did so as the app was short of processor time.
      this.kind = 'unknown'
      this.#work.restart()
    }
    const allowed = Math.max(UNPROVEN_MOST, 2 * this.#exact, UNPROVEN_TIMES * this.#proven)
    if (this.kind === 'exact' || accepted <= allowed) {
      const evidence = `kernel: ${accepted} accepted, and none waited yet`
      this.#belief.raise(Math.max(this.limit, accepted), evidence, at)
    }
  }

  // — now and then

  /** To be called ten times a second. */
  tick(at: number): void {
    this.#work.tick(at)
    if (this.kind === 'none') return
    if (this.#calm.slots > 0) {
      this.#endCalm(at)
      return
    }
    const inFlight = this.#options.busy()
    if (this.#comparison.tick(inFlight, at)) {
      if (this.#comparison.overtakes) this.kind = 'more'
    } else if (!this.#options.waiting()) this.#trials.pause(inFlight, at)
    else if (this.#belief.trying) this.#trials.goOn(inFlight, at)
    else if (this.#comparison.overtakes) return
    else if (this.kind === 'more' && this.limit > this.#options.least && this.#calm.isDue(at))
      this.#beginCalm(at)
    else this.#trials.begin(inFlight, at)
  }

  #beginCalm(at: number): void {
    this.#work.forget()
    this.#calm.begin(this.limit, at)
    this.#options.changed()
  }

  #endCalm(at: number): void {
    if (!this.#calm.isOver(this.#work.calm, at)) return
    this.#calm.end(at)
    this.#belief.settle(at)
  }
}
