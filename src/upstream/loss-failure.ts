// What the loss of a worker's answer is called, by how far that had come, and what is known of it. Pure.

import { now } from '../clock.ts'
import { Failure } from '../errors.ts'
import { quoteBytes } from '../http1/protocol-error.ts'
import type { LossOfWorker } from './answer-sink.ts'
import { HANDSHAKE_FAILED } from './connect-failure.ts'
import type { AnswerReading } from './dialect.ts'

/** @param what happened to the connection @param bytes that had come */
export function lossFailure(
  { begun, fragment }: Pick<AnswerReading, 'begun' | 'fragment'>,
  what: string,
  bytes: number,
): Failure {
  if (begun) return new Failure('answer_broken', `${what} after ${bytes} bytes`)
  if (fragment === null) return new Failure('worker_lost', `${what} before its first byte`)
  return new Failure('worker_lost', `${what} in the middle of a head: ${quoteBytes(fragment)}`)
}

/**
 * What is known of a loss, for those who judge it.
 * @param code the system's error code of a failed connect, else empty
 * @param received bytes that had come
 * @param sentAt when the worker was given the request; 0: it was not
 */
export function lossOf(
  how: LossOfWorker['how'],
  code: string,
  { begun: headSeen }: Pick<AnswerReading, 'begun'>,
  received: number,
  sentAt: number,
): LossOfWorker {
  const nothingSent = how === 'connect' && code !== HANDSHAKE_FAILED
  return { how, nothingSent, headSeen, received, ageMs: sentAt === 0 ? 0 : now() - sentAt, code }
}

/** Nothing came for longer than was allowed. @param readTimeout in milliseconds @param answering some of the answer had come */
export function silenceFailure(readTimeout: number, answering: boolean): Failure {
  const within = `came from the worker within ${readTimeout} ms`
  if (answering) return new Failure('answer_stalled', `no further byte ${within}`)
  return new Failure('read_timeout', `no byte ${within}`)
}

/** The worker took nothing of the request for longer than was allowed. @param sendTimeout in milliseconds */
export function untakenFailure(sendTimeout: number): Failure {
  return new Failure('read_timeout', `the worker took nothing of the request within ${sendTimeout} ms`)
}

/** The warning of a slot that stays taken after a 504. @param app the upstream's name */
export function stillBusy(app: string): string {
  return (
    `a worker of ${app} is still busy with a request that was answered 504; its slot stays taken ` +
    'until it hangs up, ten minutes at most (--worker-timeout would tell how long it may run)'
  )
}
