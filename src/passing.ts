// A request on its way to a worker, what belongs to it, and the rules by which it is passed on: the flags' for all alike,
// or those of the place in a site that it has come to. Types only.

import type { AnswerDeadline } from './answer-deadline.ts'
import type { Failure } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { AdmissionDesk } from './house.ts'
import type { Framing } from './http1/framing.ts'
import type { HeaderList } from './http1/headers.ts'
import type { RequestHead } from './http1/request-head.ts'
import type { ResponseHead } from './http1/response-head.ts'
import type { EdgeConnection } from './listen/edge-connection.ts'
import type { BodyIntake } from './request/body.ts'
import type { BodyLength, Origin } from './request/worker-head.ts'
import type { BodyFilter } from './response/body-filter.ts'
import type { ClientWriter } from './response/delivery.ts'
import type { Rate } from './response/rate.ts'
import type { Allowance } from './spool/allowance.ts'
import type { WorkerOptions } from './upstream/answer-sink.ts'
import type { Attempt } from './upstream/retry.ts'
import type { Upstream } from './upstream/upstream.ts'

export interface RequestInHand {
  readonly exchange: Exchange
  readonly head: RequestHead
  readonly framing: Framing
  readonly origin: Origin
  readonly edge: EdgeConnection
  readonly rules: PassRules
  /** The client waits for `100 Continue` before it sends the body. */
  expectsContinue: boolean
  /** Whether the connection may stay when the answer is done. */
  keepAlive: boolean
  /** Whose quarter of the spools it counts against; null: nobody's. */
  readonly spoolClient: string | null
  /** The body's way in; null when there is none. */
  intake: BodyIntake | null
  /** The edge's patience, where it is known. */
  deadline: AnswerDeadline | null
  /** The upgrade lane has the client's socket. */
  handedOver: boolean
}

/** What is to become of a worker's answer, once its head is here. */
export type Reception =
  /** It is delivered, with this head; `filter` changes its body on the way. */
  | {
      readonly kind: 'deliver'
      readonly head: ResponseHead
      readonly framing: Framing
      readonly filter: BodyFilter | null
      /** False: at the client's pace, however fast the worker is. */
      readonly buffering: boolean
      /** False: where its length is not known, it ends with the connection. */
      readonly chunks?: boolean
      /** What it may not go out faster than; absent: nothing. */
      readonly rate?: Rate | null
      /** Bytes a second that it is taken from the worker at most; absent or 0: as fast as it comes. */
      readonly takeRate?: number
      /** Who gets it in the client's place; absent: the client. */
      readonly into?: ClientWriter
      /** Takes the body as the worker gives it, too, and to its end, whoever leaves; absent: nobody does. */
      readonly copy?: AnswerCopy | null
      /** Fields that follow the body in place of the worker's, asked for at its end; absent: the worker's own. */
      readonly trailers?: () => HeaderList | null
    }
  /** The client does not get it: whoever asked takes the head, and the body is thrown away. */
  | { readonly kind: 'take' }
  /** It counts as a failure of this worker: another one is asked. */
  | { readonly kind: 'again'; readonly failure: Failure }

/** Keeps an answer for others. */
export interface AnswerCopy {
  /** Takes a piece, which may change after the call. False: the worker is to wait for `onRoom`, which is told each time. */
  write(piece: Buffer): boolean
  /** Whether it has none. */
  readonly full: boolean
  onRoom: (() => void) | null
  /** All of it has come. */
  whole(): void
  /** It breaks off. */
  fail(): void
}

/** Bytes that went over the connection so far; of a head only what it is long itself. */
export interface Travelled {
  readonly received: number
  readonly sent: number
}

export interface PassRules {
  readonly admission: AdmissionDesk
  readonly workers: WorkerOptions
  /** Bytes of a request's body, at most. */
  readonly maxBody: number
  readonly requestBuffering: boolean
  readonly responseBuffering: boolean
  /** What one body, or one answer, may hold of the spools; absent: the usual. */
  readonly bodyAllowance?: Allowance
  readonly answerAllowance?: Allowance
  /** The head that goes to this worker. */
  workerHead(request: RequestInHand, upstream: Upstream, body: BodyLength, upgrade: boolean): string
  /** Whether a request that names a protocol in `Upgrade` takes the upgrade lane. */
  passesUpgrade(request: RequestInHand): boolean
  /** Absent: every answer is delivered as it came. */
  receive?(answer: ResponseHead, framing: Framing, upstream: Upstream): Reception
  /** Whether the client gets an interim answer; absent: every one. */
  passesInterim?(interim: ResponseHead): boolean
  /** The answer may be wanted where the client has left while it was waited for; absent: it is not. */
  readonly outlivesClient?: boolean
  /** Where it goes there are none that could be lost; absent: there are. */
  readonly hasNoWorkers?: boolean
  /** It need not wait for an upstream that is down: there is something to give in place of its answer. */
  readonly givesStale?: boolean
  /**
   * The fields that the client gets of an answer to a request to upgrade; null: it gets another answer, as with
   * `take`. Absent: those that came.
   */
  receiveUpgrade?(answer: ResponseHead): HeaderList | null
  /** Whether a request whose attempt failed so is given to another worker. */
  goesAgain(exchange: Exchange, attempt: Attempt): boolean
  /**
   * Whether each client is told that its connection stays, and for how many seconds at least (0: it is not told how
   * long); absent: only those that HTTP/1.1 does not tell.
   */
  readonly saysKeepAlive?: number
  /** Told of fields that came behind an answer's body; absent: nobody wants to know. */
  trailing?(trailers: HeaderList): void
  /** Told of each connection that stands, each head and each attempt's end; absent: nobody wants to know. */
  tried?(event: 'connected' | 'head' | 'end', upstream: Upstream, bytes: Travelled): void
}

/** How an attempt ended without the client having a whole answer. */
export type Ending =
  /** `again` null: nothing more can be done. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly again: Attempt | null }
  | { readonly kind: 'taken'; readonly answer: ResponseHead }
