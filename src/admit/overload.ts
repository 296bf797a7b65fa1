// Whether a queue is an overload, and no mere burst: requests are lost to waiting, and the wait has not fallen below a small
// target for a while (CoDel's test, RFC 8289 §3). It is over when slots have been free without anybody waiting. Pure: time
// is an argument; what is done about it is the policy's matter.

/** A wait this short hurts nobody, in milliseconds: once in an interval it must come down to it, or the queue is a standing one. */
export const TARGET_MS = 100
/** For so long the wait must have stayed above the target; what is over before that, first in, first out serves best. */
const INTERVAL_MS = 3_000
/** The share of requests lost to waiting that makes a standing queue an overload. */
const BEGINS_AT = 0.2
/** The same for work that was begun too late, and so in vain: then order itself does the harm, and a second is enough. */
const WASTED_AT = 0.2
const WASTED_FOR_MS = 1_000
/** So many must have been begun before their share means anything. */
const WASTED_OF = 5
/** Over how long those shares are taken, in milliseconds. */
const SHARE_OVER_MS = 2_000

export class Overload {
  /** It stands. */
  on = false
  /** Since when it has, or has not. */
  #since = 0
  /** Requests and losses of the last seconds, fading. */
  #asked = 0
  #lost = 0
  /** Requests started, and those of them whose client had waited for it and left before its answer. */
  #begun = 0
  #wasted = 0
  #fadedAt = 0
  /** When the wait was last below the target. */
  #shortAt = 0
  /** When somebody last found a free slot: there is more capacity than work. */
  #idleAt = 0

  /** A request asked for a slot, or so many did. @param waits false when one was free */
  asked(waits: boolean, at: number, count: number): void {
    this.#fade(at)
    this.#asked += count
    if (!waits) this.#shortAt = this.#idleAt = at
  }

  /** A worker was given a request. */
  begun(at: number): void {
    this.#fade(at)
    this.#begun++
  }

  /** Whoever waited longest has waited less than the target. */
  waitIsShort(at: number): void {
    this.#shortAt = at
  }

  /** A request was lost to waiting. */
  lost(at: number): void {
    this.#fade(at)
    this.#lost++
  }

  /** The same of one that a worker had been given all the same: that work was in vain. */
  wasted(at: number): void {
    this.lost(at)
    this.#wasted++
  }

  /** The upstream is back: what was lost while nobody could be served says nothing of the queue. */
  resumed(at: number): void {
    this.#shortAt = at
    this.#lost = this.#wasted = 0
  }

  /** Now and then: whether it begins or ends. Returns whether it did. @param empty nobody waits */
  turns(empty: boolean, at: number): boolean {
    if (empty) this.#idleAt = at
    this.#fade(at)
    if (this.on) {
      if (this.#idleAt - this.#since < INTERVAL_MS) return false
    } else {
      if (empty) this.#shortAt = at
      if (!this.#begins(at - this.#shortAt)) return false
    }
    this.on = !this.on
    this.#since = this.#shortAt = at
    return true
  }

  /** @param stands for how long the wait has not been short, in milliseconds */
  #begins(stands: number): boolean {
    const lost = this.#asked < 1 ? 0 : this.#lost / this.#asked
    if (stands >= INTERVAL_MS && lost >= BEGINS_AT) return true
    const wasted = this.#begun < WASTED_OF ? 0 : this.#wasted / this.#begun
    return stands >= WASTED_FOR_MS && wasted >= WASTED_AT
  }

  #fade(at: number): void {
    const share = Math.exp((this.#fadedAt - at) / SHARE_OVER_MS)
    this.#fadedAt = at
    this.#asked *= share
    this.#lost *= share
    this.#begun *= share
    this.#wasted *= share
  }
}
