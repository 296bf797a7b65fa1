// A request of another thread, as it stands in the group's queue here: what its plane said of it, and word to the plane when
// its wait becomes another. Decides nothing.

import type { Applicant } from '../admit/applicant.ts'
import { now } from '../clock.ts'
import type { Asks } from './messages.ts'

export class RemoteApplicant implements Applicant {
  readonly id: string
  readonly healthCheck: boolean
  readonly client: string
  readonly route: string
  readonly answerBy: number
  readonly waited: number
  readonly resendable: boolean
  readonly balanceKey: string | null
  readonly tried: readonly string[] | null
  onInterrupt: Applicant['onInterrupt'] = null
  #phase: 'queued' | 'held'
  readonly #tell: (phase: 'queued' | 'held') => void

  /** @param tell whether its time counts as queued or as held, where that changes */
  constructor(asks: Asks, tell: (phase: 'queued' | 'held') => void) {
    this.id = asks.id
    this.healthCheck = asks.healthCheck
    this.client = asks.client
    this.route = asks.route
    this.answerBy = asks.answerWithin === 0 ? 0 : now() + asks.answerWithin
    this.resendable = asks.resendable
    this.balanceKey = asks.balanceKey
    this.tried = asks.tried
    this.waited = asks.waited
    this.#phase = asks.phase
    this.#tell = tell
  }

  enter(phase: 'queued' | 'held'): void {
    if (phase === this.#phase) return
    this.#phase = phase
    this.#tell(phase)
  }
}

/** Stands for anybody who might come, where it is asked whether they would be refused. */
export function anybody(healthCheck: boolean): Applicant {
  return {
    id: '',
    healthCheck,
    client: '',
    route: '',
    answerBy: 0,
    waited: 0,
    resendable: false,
    balanceKey: null,
    tried: null,
    enter() {},
    onInterrupt: null,
  }
}
