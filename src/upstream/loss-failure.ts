// What the loss of a connection to a worker is called, by how far its answer had come. Pure.

import { Failure } from '../errors.ts'
import { quoteBytes } from '../http1/protocol-error.ts'
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
