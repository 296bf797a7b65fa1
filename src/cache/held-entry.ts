// The entry of a cache's zone that one request holds: entered once, however often it is looked at again, and left once,
// with the right to make its answer where that was had. Decides nothing.

import { moment, nowInSeconds } from './moments.ts'
import type { CacheZone, Entered } from './zone.ts'

export interface HoldTerms {
  /** How often an answer must have been asked for before it is kept. */
  readonly minUses: number
  /** Milliseconds without use after which it is removed. */
  readonly inactive: number
  /** Milliseconds after which somebody else may make it, too. */
  readonly lockAge: number
}

export class HeldEntry {
  /** Of the key, or of a variant; to be changed while none is held. */
  digest: string
  readonly #zone: CacheZone
  readonly #terms: HoldTerms
  /** Where it is; 0: none is held. */
  #at = 0
  /** What the zone gave for the right to make the answer; null: others have it. */
  #lock: number | null = null
  #ending = false

  constructor(zone: CacheZone, digest: string, terms: HoldTerms) {
    this.#zone = zone
    this.digest = digest
    this.#terms = terms
  }

  /** Holds it, or looks at it again. */
  enter(): Entered {
    const { minUses, inactive } = this.#terms
    const terms = { minUses, inactive: inactive / 1000 }
    const entered = this.#zone.enter(this.digest, this.#at, terms, nowInSeconds())
    this.#at = entered.at
    return entered
  }

  /** Its file was found, or found to be missing (null). */
  found(bytes: number | null): void {
    this.#zone.found(this.#at, bytes)
  }

  /** Takes the right to make an answer that is not there. False: somebody else has it. */
  mayMake(): boolean {
    this.#lock = this.#zone.lock(this.#at, moment(), this.#terms.lockAge)
    return this.#lock !== null
  }

  /** Takes the right to make anew one whose time is over. False: somebody else has it. */
  mayRenew(): boolean {
    this.#lock = this.#zone.update(this.#at)
    return this.#lock !== null
  }

  /** How often something has become of it so far. */
  get turn(): number {
    return this.#zone.turn(this.#at)
  }

  /** Settles when something has since that turn, or after so many milliseconds. */
  changed(turn: number, ms: number): Promise<void> {
    return this.#zone.changed(this.#at, turn, ms)
  }

  /** The same entry for another who holds it from here on; this one holds none. */
  handOver(): HeldEntry {
    const other = new HeldEntry(this.#zone, this.digest, this.#terms)
    other.#at = this.#at
    other.#lock = this.#lock
    this.#drop()
    return other
  }

  /** Its answer is whole, and will be there in a moment. */
  ending(): void {
    if (this.#at === 0) return
    this.#ending = true
    this.#zone.finishing(this.#at, true)
  }

  // — left, once; each does nothing where none is held

  /** Its file is there, of so many bytes. */
  stored(bytes: number): void {
    if (this.#at === 0) return
    this.#ended()
    this.#zone.stored(this.#at, bytes)
    this.#drop()
  }

  /** A status stands for an answer until then, in seconds since 1970. */
  fail(status: number, validUntil: number): void {
    if (this.#at === 0) return
    this.#zone.fail(this.#at, this.#lock, status, validUntil)
    this.#drop()
  }

  /** Nothing came of it. @param keep how often it was asked for is to be known further */
  leave(keep = this.#terms.minUses > 1): void {
    if (this.#at === 0) return
    this.#ended()
    this.#zone.leave(this.#at, this.#lock, keep)
    this.#drop()
  }

  #ended(): void {
    if (this.#ending) this.#zone.finishing(this.#at, false)
    this.#ending = false
  }

  #drop(): void {
    this.#at = 0
    this.#lock = null
  }
}
