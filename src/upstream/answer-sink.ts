// What a connection to a worker needs and tells: the slot it holds, who takes its answer, how it can end. Types
// only.

import type { Clock } from '../clock.ts'
import type { Failure } from '../errors.ts'
import type { Framing } from '../http1/framing.ts'
import type { HeaderList } from '../http1/headers.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import type { Dialect } from './dialect.ts'
import type { LocalEnd } from './local-end.ts'
import type { Upstream } from './upstream.ts'
import type { SecureTerms } from './upstream-tls.ts'

/** The right to hold this connection. */
export interface HeldSlot {
  /** The worker's answer is whole. */
  answered?: boolean
  release(): void
}

/** Who takes the answer. */
export interface AnswerSink {
  connected(): void
  /** A 1xx other than 100 and 101. */
  informational(head: ResponseHead): void
  head(head: ResponseHead, framing: Framing): void
  /** The chunk changes after the call. Returns false to have the worker wait (`resume` ends it). */
  data(chunk: Buffer): boolean
  end(trailers: HeaderList | null): void
  /** All that came in one piece has been given: a moment to write it out. */
  flush(): void
  failed(failure: Failure, loss: LossOfWorker): void
  /** The worker, or its connection, ended without a whole answer: also when nobody waits for one any more. */
  lost(failure: Failure, loss: LossOfWorker): void
  /** The worker has hung up, or can be taken for gone: the slot is free again. The last call. */
  freed(): void
}

/** How the connection stood when it failed. */
export interface LossOfWorker {
  readonly how: 'connect' | 'reset' | 'fin' | 'protocol' | 'timeout'
  readonly nothingSent: boolean
  readonly headSeen: boolean
  /** Bytes that came from the worker. */
  readonly received: number
  /** Since the worker was given the request. */
  readonly ageMs: number
  /** The system's error code of a failed connect, else empty. */
  readonly code: string
}

export interface WorkerOptions {
  readonly clock: Clock
  readonly connectTimeout: number
  readonly readTimeout: number
  /** Between two pieces of the request that the worker takes; absent or null: as the read timeout. */
  readonly sendTimeout?: number | null
  readonly workerTimeout: number | null
  /** By which the connection is secured; absent or null: it is not. */
  readonly tls?: SecureTerms | null
  /** The address it comes from; absent or null: the system's choice. */
  readonly from?: LocalEnd | null
  /** Whether lines of an answer's head may end with LF alone; absent: they may not. */
  readonly bareLf?: boolean
  /** What is spoken there; absent or null: HTTP. */
  readonly dialect?: Dialect | null
  /** The slot was given back; `busyMs` since the connection was opened. */
  freed(upstream: Upstream, busyMs: number): void
  /** Result of a connect, for the metrics. */
  connect(upstream: Upstream, result: 'ok' | 'refused' | 'timeout' | 'error'): void
  warn(message: string): void
}
