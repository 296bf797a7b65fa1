// Who waits for a worker slot, as far as the admission needs to know: an exchange of this process, or what stands in
// for one whose connection is elsewhere. Types only; there is no HTTP in it and no socket.

import type { Failure } from '../errors.ts'

export interface Applicant {
  /** Names the holder of a slot. */
  readonly id: string
  /** Served first, and never held. */
  readonly healthCheck: boolean
  /** Whose request it is: the queue is fair between clients when it cannot serve them all. */
  readonly client: string
  /** The kind of work it is, from a bounded set of names (`route-names.ts`); what is learnt of it is kept by this name. */
  readonly route: string
  /** On the monotonic clock: an answer after this moment is for nobody, as the edge has given up; 0 when not known. */
  readonly answerBy: number
  /** Milliseconds that it has waited in all until it entered its present phase, connects that led to nothing included. */
  readonly waited: number
  /** Nothing is lost with its worker: it may be given to a second one. Only such a request is used to try for more slots. */
  readonly resendable: boolean
  /** What a group whose method goes by a key decides by; null: nothing. */
  readonly balanceKey: string | null
  /** The upstreams that it has been given to, by name, where that matters: another one is better. */
  readonly tried: readonly string[] | null
  /** Its time counts as queued, or as held, from now on. */
  enter(phase: 'queued' | 'held', at: number): void
  /** Set while it waits: called when there is nothing left to wait for (`client_left` when its client went). */
  onInterrupt: ((failure: Failure) => void) | null
}
