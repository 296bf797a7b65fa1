// What a place that passes on to whoever does not speak HTTP needs beyond its rules: the head, which is the same at every
// try, and the dialect in which the answer comes. One for each request that is passed on so.

import type { GatewayError } from '../gateway/params.ts'
import type { AnswerHead } from '../outcome.ts'
import type { RequestInHand } from '../passing.ts'
import type { Dialect } from '../upstream/dialect.ts'
import type { Visit } from '../visit.ts'
import { AppTerms } from './app-terms.ts'
import { StoreTerms } from './store-terms.ts'

export interface GatewayTerms {
  /** Empty until it is prepared. */
  readonly head: string
  readonly dialect: Dialect
  /** Makes the head of a request whose body is ready. What is wrong with it; null: nothing. */
  prepare(request: RequestInHand): GatewayError | null
  /** Adds to the head of an answer what it does not say of itself. */
  complete(answer: AnswerHead): void
  /** Nothing is there, which is noted: the site's own page says so, whatever the file says of errors (`intercept_404`). */
  isMiss(status: number): boolean
}

/** Null where HTTP is spoken. */
export function gatewayTerms(visit: Visit): GatewayTerms | null {
  const { pass } = visit.settings
  if (pass === null || pass.family === 'http') return null
  return pass.family === 'memcached' ? new StoreTerms(visit) : new AppTerms(visit, pass.family)
}
