// What the end of a wait for a worker slot is called that has led to none. Pure; when it ends is the admission's to say.

import { Failure } from '../errors.ts'

/** The upstream is down, and nobody is held for it, or nobody any longer. */
export function refusesConnections(): Failure {
  return new Failure('upstream_down', 'the upstream refuses connections')
}

/** @param waiting how many wait @param retryAfter seconds; null: not known */
export function queueFull(waiting: number, retryAfter: number | null): Failure {
  return new Failure('queue_full', `${waiting} requests wait already`, retryAfter)
}

/** The wait was as long as it may be. @param waitedMs milliseconds @param retryAfter seconds; null: not known */
export function waitedTooLong(waitedMs: number, retryAfter: number | null = null): Failure {
  return new Failure('queue_timeout', `waited ${Math.round(waitedMs)} ms for a worker slot`, retryAfter)
}

/** The wait was in vain, as its client would leave before the answer. @param waitedMs milliseconds @param retryAfter seconds */
export function waitedInVain(waitedMs: number, retryAfter: number | null): Failure {
  const waited = `waited ${Math.round(waitedMs)} ms`
  const detail = `${waited}; it could not have been answered before its client leaves`
  return new Failure('overloaded', detail, retryAfter)
}

/** The same as any of these, during a pause for a deploy. @param words what the client is told; null: the usual */
export function paused(detail: string, retryAfter: number | null, words: string | null): Failure {
  return new Failure('paused', detail, retryAfter, words)
}
