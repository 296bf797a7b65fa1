// Whether a request may be given to a second worker. Pure.

import type { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import { isNearTimeout } from '../worker-timeout.ts'
import type { LossOfWorker } from './answer-sink.ts'
import { connectTrouble } from './connect-failure.ts'
import { type Trouble, troubleOfLoss } from './next-upstream.ts'

/** RFC 9110 §9.2.2: these mean the same when done twice. Unknown methods do not count. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** @param method as it came: methods have a case (RFC 9110 §9.1) */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method)
}

/** An attempt that died later than this was not killed at random (fine-points.md). */
const EARLY_DEATH_MS = 5_000

/** Whether a worker that died at this age (ms since it got the request) died of the worker timeout. */
export function diedOfTimeout(ageMs: number, workerTimeout: number | null): boolean {
  return workerTimeout !== null && isNearTimeout(ageMs, workerTimeout)
}

export interface Attempt {
  readonly failure: Failure
  /** No byte of the request reached a worker. */
  readonly nothingSent: boolean
  readonly ageMs: number
  /** Not even one byte of an answer came. */
  readonly silent: boolean
  /** What ended it was the end of somebody's patience: with the connection, its handshake, or the answer. */
  readonly timedOut: boolean
  /** Nobody refused it: there was no room for another connection, there or here. */
  readonly full: boolean
  /** The whole request can be sent again. */
  readonly resendable: boolean
}

/** The attempt that ended with such a loss. @param resendable the whole request can be sent again */
export function lostAttempt(failure: Failure, loss: LossOfWorker, resendable: boolean): Attempt {
  const { nothingSent, received, ageMs, code } = loss
  const timedOut = troubleOfLoss(loss) === 'timeout'
  const full = nothingSent && connectTrouble(code) === 'full'
  return { failure, nothingSent, silent: received === 0, ageMs, timedOut, full, resendable }
}

/** The attempt whose answer is not taken, whole as it may be. @param resendable the whole request can be sent again */
export function answeredAttempt(failure: Failure, resendable: boolean): Attempt {
  return { failure, nothingSent: false, silent: false, ageMs: 0, timedOut: false, full: false, resendable }
}

/** What became of it, as `proxy_next_upstream` names it. */
export function troubleOf({ failure, timedOut }: Pick<Attempt, 'failure' | 'timedOut'>): Trouble {
  if (failure.code === 'answer_invalid') return 'invalid_header'
  return timedOut ? 'timeout' : 'error'
}

/**
 * Whether it goes to the head of the queue again. When nothing was sent, always; else once, if it is
 * idempotent, can be sent again in full, and its worker died early and not of the worker timeout.
 */
export function mayGoAgain(exchange: Exchange, attempt: Attempt, workerTimeout: number | null): boolean {
  if (exchange.forNobody) return false
  if (attempt.nothingSent) return true
  return (
    attempt.failure.code === 'worker_lost' &&
    attempt.silent &&
    exchange.attempts < 2 &&
    isIdempotent(exchange.method) &&
    attempt.resendable &&
    attempt.ageMs < EARLY_DEATH_MS &&
    !diedOfTimeout(attempt.ageMs, workerTimeout)
  )
}
