// What a cache wants of an answer beside the client: a copy of its body, to the end, also where the client has left. Part
// of the corridor: belongs to the joint, which has one only where an answer may be kept. Decides nothing of that.

import { now } from '../clock.ts'
import type { Failure } from '../errors.ts'
import type { AnswerCopy, Reception, RequestInHand } from '../passing.ts'

type Delivered = Extract<Reception, { kind: 'deliver' }>

/** So long an answer is read on that does not say how long it is: it may have no end (nginx: for ever). Milliseconds. */
const UNATTENDED_MS = 60_000

export class Keepsake {
  /** Why the client has left, where the answer is read on without it. */
  unattended: Failure | null = null
  #copy: AnswerCopy | null = null
  #headSeen = false
  /** It says how long it is. */
  #sized = false
  /** Since when it is read without the client; 0: it is there. */
  #since = 0
  /** The client has no room for more. */
  #waits = false
  readonly #resume: () => void
  readonly #giveUp: () => void
  readonly #patience: number

  /** @param resume has the worker go on @param giveUp nobody is to read it any more @param patience milliseconds */
  constructor(resume: () => void, giveUp: () => void, patience = UNATTENDED_MS) {
    this.#resume = resume
    this.#giveUp = giveUp
    this.#patience = patience
  }

  /** The head is here, and what is to become of it. @returns whether there is nobody else to take it */
  head(reception: Delivered | undefined, sized: boolean): boolean {
    this.#headSeen = true
    this.#sized = sized
    if (this.unattended !== null) this.#since = now()
    const copy = (this.#copy = reception?.copy ?? null)
    if (copy !== null) {
      copy.onRoom = () => {
        if (!this.#waits) this.#resume()
      }
    }
    if (this.unattended === null) return false
    reception?.filter?.destroy()
    return true
  }

  /** Takes a piece for itself and the client. False: the worker is to wait. */
  data(piece: Buffer, deliver: (piece: Buffer) => boolean): boolean {
    if (this.#since !== 0 && !this.#sized && now() - this.#since >= this.#patience) {
      this.fail()
      this.#giveUp()
      return true
    }
    const room = this.#copy === null || this.#copy.write(piece)
    this.#waits = this.unattended === null && !deliver(piece)
    return room && !this.#waits
  }

  /** The client has room again. Whether the worker may go on. */
  resumed(): boolean {
    this.#waits = false
    return this.#copy?.full !== true
  }

  /** The answer is whole. From here on nobody reads it for the copy any more. */
  whole(): void {
    this.#copy?.whole()
    this.#copy = null
  }

  /** It is not, and never will be; the same. */
  fail(): void {
    this.#copy?.fail()
    this.#copy = null
  }

  /**
   * Nobody reads it any more for this reason. Whether it is read on all the same
   * (ngx_http_upstream_check_broken_connection).
   */
  leave(failure: Failure, { exchange, intake }: RequestInHand): boolean {
    const wanted = this.#headSeen ? this.#copy !== null : intake === null || intake.whole
    if (exchange.clientPresent || !wanted) return false
    this.unattended = failure
    this.#since = now()
    exchange.fail(failure)
    // Only the copy may keep the worker waiting from here on.
    if (this.resumed()) this.#resume()
    return true
  }
}
