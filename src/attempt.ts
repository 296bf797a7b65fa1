// One attempt at a worker: joins the connection to the worker, the answer's delivery to the client, and the
// record of both. Part of the corridor: it knows the rooms, so that they need not know each other.

import type { AnswerDeadline } from './answer-deadline.ts'
import { Failure } from './errors.ts'
import { type Exchange, now } from './exchange.ts'
import type { House, WorkerSlot } from './house.ts'
import type { Framing } from './http1/framing.ts'
import type { HeaderList } from './http1/headers.ts'
import type { RequestHead } from './http1/request-head.ts'
import type { ResponseHead } from './http1/response-head.ts'
import type { EdgeConnection } from './listen/edge-connection.ts'
import { losing } from './observe/loss.ts'
import type { BodyIntake } from './request/body.ts'
import { announcedLength, type BodyLength, type Origin, workerHead } from './request/worker-head.ts'
import { Delivery, type DeliveryOptions } from './response/delivery.ts'
import type { Spool } from './spool/spool.ts'
import type { AnswerSink, LossOfWorker } from './upstream/answer-sink.ts'
import { connectTrouble } from './upstream/connect-failure.ts'
import { OutgoingBody } from './upstream/outgoing-body.ts'
import type { Attempt } from './upstream/retry.ts'
import type { Upstream } from './upstream/upstream.ts'
import { WorkerConnection } from './upstream/worker-connection.ts'

/** A request on its way through the corridor, with what belongs to it. */
export interface RequestInHand {
  readonly exchange: Exchange
  readonly head: RequestHead
  readonly framing: Framing
  readonly origin: Origin
  readonly edge: EdgeConnection
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

/** How an attempt ended without the client having a whole answer; `again` null: nothing more can be done. */
export interface Ending {
  readonly failure: Failure
  readonly again: Attempt | null
}

/** Gives the request to a worker. Settles with null when the client has the whole answer. Owns the slot. */
export function attempt(house: House, request: RequestInHand, slot: WorkerSlot): Promise<Ending | null> {
  return new Promise((resolve, reject) => {
    try {
      new Joint(house, request, slot, resolve)
    } catch (error) {
      // Nothing is expected to throw before the connection has the slot; if it does, the slot is not lost.
      slot.release()
      reject(error)
    }
  })
}

// What joins the worker's connection to the delivery: one object that both know, in place of the twenty closures that
// two objects of callbacks would be for each request.
class Joint implements AnswerSink, DeliveryOptions {
  readonly exchange: Exchange
  readonly client: DeliveryOptions['client']
  readonly clientIs10: boolean
  readonly sayKeepAlive: boolean
  readonly wantsTrailers: boolean
  readonly buffering: boolean
  readonly #house: House
  readonly #request: RequestInHand
  readonly #slot: WorkerSlot
  readonly #resolve: (ending: Ending | null) => void
  readonly #delivery: Delivery
  readonly #worker: WorkerConnection

  constructor(
    house: House,
    request: RequestInHand,
    slot: WorkerSlot,
    resolve: (ending: Ending | null) => void,
  ) {
    const { exchange, head, edge, intake } = request
    const is10 = head.minor === 0
    this.#house = house
    this.#request = request
    this.#slot = slot
    this.#resolve = resolve
    this.exchange = exchange
    this.client = edge.outlet
    this.clientIs10 = is10
    this.sayKeepAlive = is10 && request.keepAlive
    this.wantsTrailers = !is10 && head.headers.has('te') && head.headers.tokens('te').includes('trailers')
    this.buffering = house.config.responseBuffering
    exchange.enter('connecting')
    const delivery = (this.#delivery = new Delivery(this))
    exchange.onInterrupt = failure => delivery.abandon(failure)
    const length = bodyLength(request)
    const outgoing =
      intake === null
        ? null
        : new OutgoingBody(
            intake.spool,
            length === 'chunked',
            forWhom => this.#worker.bodyWaits(forWhom),
            detail => delivery.abandon(new Failure('spool_full', detail)),
          )
    const sent = workerHead(head, exchange, request.origin, length, house)
    const upstream = slot.pool.backend
    this.#worker = new WorkerConnection(upstream, slot, head.method, sent, outgoing, this, house.workers)
  }

  // — AnswerSink: what comes from the worker

  connected(): void {
    const { exchange } = this
    const { intake } = this.#request
    exchange.attempts++
    exchange.workerSince = now()
    exchange.nearEnd = this.#worker.socket
    exchange.pid = 0
    exchange.enter('waiting', exchange.workerSince)
    if (intake !== null && !intake.started) stream(this.#request, intake, this.#delivery)
  }

  informational(interim: ResponseHead): void {
    this.#delivery.informational(interim)
  }

  head(answer: ResponseHead, framing: Framing): void {
    this.#house.vitals?.answered()
    this.exchange.enter('responding')
    this.#delivery.head(answer, framing)
    // There is no way back to another worker: the body has done its part, and gives its room back while a slow
    // client still reads. Of an early answer the rest of the request is not wanted, nor what becomes of it.
    this.#request.edge.discardBody()
    this.#request.intake?.spool.destroy()
  }

  data(chunk: Buffer): boolean {
    return this.#delivery.data(chunk)
  }

  end(trailers: HeaderList | null): void {
    const { exchange } = this
    const { admission } = this.#house
    const at = now()
    const left = exchange.leftAfter
    if (left === null) admission.answered(exchange.route, exchange.sinceReady(at), at - exchange.workerSince)
    else admission.abandoned(exchange.route, left, exchange.waited)
    this.#delivery.end(trailers)
  }

  flush(): void {
    this.#delivery.flush()
  }

  lost(failure: Failure, loss: LossOfWorker): void {
    report(this.#house, this.exchange, this.#slot.pool.backend, failure, loss)
  }

  freed(): void {
    this.exchange.workerSince = 0
    this.exchange.nearEnd = null
    this.#house.observer.released(this.exchange, this.#slot.answered)
  }

  failed(failure: Failure, loss: LossOfWorker): void {
    if (this.#delivery.started) {
      this.exchange.fail(failure)
      this.#delivery.broken(failure)
      return
    }
    this.exchange.onInterrupt = null
    const { intake } = this.#request
    const { nothingSent, ageMs } = loss
    const resendable = intake === null || intake.resendable
    const again = { failure, nothingSent, silent: loss.received === 0, ageMs, resendable }
    this.#resolve({ failure, again })
  }

  // — DeliveryOptions: what the delivery asks

  // An answer that comes before the request was all read ends the connection: the rest is not wanted.
  keepAlive(): boolean {
    return this.#request.keepAlive && this.#request.edge.requestWhole && !this.#house.draining
  }

  openSpool(): Spool {
    return this.#house.spools.spool('response', this.#request.spoolClient, false)
  }

  resumeWorker(): void {
    this.#worker.resume()
  }

  done(failure: Failure | null): void {
    this.exchange.onInterrupt = null
    this.#request.keepAlive &&= this.#delivery.keepAlive
    if (failure === null) {
      this.#resolve(null)
      return
    }
    const { exchange } = this
    // Of one that leaves in the middle of its answer, the wait was not the reason.
    if (failure.code === 'client_left' && exchange.phase === 'waiting') {
      this.#house.admission.abandoned(exchange.route, exchange.sinceReady(), exchange.waited)
    }
    exchange.fail(failure)
    this.#worker.abandon()
    this.#resolve({ failure, again: null })
  }
}

// The worker is there: now the client may send what was not buffered before.
function stream(request: RequestInHand, intake: BodyIntake, delivery: Delivery): void {
  if (request.expectsContinue) request.edge.sendContinue()
  intake.read().then(failure => {
    if (failure === null) request.deadline?.requestWhole()
    else if (!delivery.started) delivery.abandon(failure)
  })
}

function bodyLength(request: RequestInHand): BodyLength {
  const { intake, framing } = request
  if (intake === null) return 'none'
  return intake.whole ? intake.spool.size : announcedLength(framing)
}

// What the loss of a worker says about the upstream, and to those who watch.
function report(
  house: House,
  exchange: Exchange,
  upstream: Upstream,
  failure: Failure,
  loss: LossOfWorker,
): void {
  if (loss.how === 'connect') {
    const trouble = connectTrouble(loss.code)
    if (trouble === 'down') upstream.refused(failure.detail)
    else {
      upstream.stalled(trouble === 'silent')
      if (loss.code === 'EMFILE' || loss.code === 'ENFILE') house.relieve()
      house.workers.warn(`${upstream.name} takes no connection now: ${failure.detail}; its requests wait`)
    }
    return
  }
  if (loss.how === 'timeout') return
  house.observer.workerEnded({
    ...losing(exchange, house.config.logQuery ? exchange.target : exchange.path),
    ageMs: loss.ageMs,
    bytesOut: loss.received,
    how: loss.how,
    headSeen: loss.headSeen,
    detail: failure.detail,
  })
}

/** The same for a WebSocket: settles with null once the lane has the client, and ends the exchange itself. */
export async function attemptUpgrade(
  house: House,
  request: RequestInHand,
  slot: WorkerSlot,
): Promise<Ending | null> {
  const { exchange, head, edge, origin } = request
  const upstream = slot.pool.backend
  exchange.enter('connecting')
  const opened = await house.upgrades.open(upstream, slot, exchange)
  if ('failure' in opened) {
    const { failure, loss } = opened
    if (loss === null) return { failure, again: null }
    report(house, exchange, upstream, failure, loss)
    return { failure, again: { failure, nothingSent: true, silent: true, ageMs: 0, resendable: true } }
  }
  const workersHead = workerHead(head, exchange, origin, 'none', {
    defaultHost: house.defaultHost,
    upgrade: true,
  })
  const failure = await house.upgrades.join(edge, workersHead, exchange, opened)
  if (failure !== null) {
    return { failure, again: { failure, nothingSent: true, silent: true, ageMs: 0, resendable: true } }
  }
  request.handedOver = true
  return null
}
