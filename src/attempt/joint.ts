// What joins the connection to a worker to the delivery to the client: one object that both know, in place of the twenty
// closures that two objects of callbacks would be for each request. Part of the corridor: it knows the rooms, so that
// they need not know each other. Decides nothing: the rules of the place do.

import { now } from '../clock.ts'
import { mayStay } from '../ending.ts'
import { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import type { AdmissionDesk, House, WorkerSlot } from '../house.ts'
import type { Framing } from '../http1/framing.ts'
import type { HeaderList } from '../http1/headers.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import type { Ending, RequestInHand } from '../passing.ts'
import { Delivery, type DeliveryOptions } from '../response/delivery.ts'
import { FilteredBody, type FilteredBodyOwner } from '../response/filtered-body.ts'
import { PacedClient } from '../response/paced-client.ts'
import type { Spool } from '../spool/spool.ts'
import { AnswerPace, type PacedSink } from '../upstream/answer-pace.ts'
import type { AnswerSink, LossOfWorker } from '../upstream/answer-sink.ts'
import { type Attempt, answeredAttempt, lostAttempt } from '../upstream/retry.ts'
import { WorkerConnection } from '../upstream/worker-connection.ts'
import { Keepsake } from './keepsake.ts'
import { learnAnswered, learnLeft } from './lessons.ts'
import { reportLoss } from './loss-report.ts'
import { outgoingTo, stream } from './outgoing.ts'

export class Joint implements AnswerSink, DeliveryOptions, FilteredBodyOwner, PacedSink {
  readonly exchange: Exchange
  client: DeliveryOptions['client']
  readonly clientIs10: boolean
  readonly sayKeepAlive: boolean
  readonly keepAliveFor: number
  readonly wantsTrailers: boolean
  readonly keepsAccel: boolean
  readonly buffering: boolean
  readonly queue: AdmissionDesk
  readonly #house: House
  readonly #request: RequestInHand
  readonly #slot: WorkerSlot
  readonly #resolve: (ending: Ending | null) => void
  readonly #delivery: Delivery
  readonly #worker: WorkerConnection
  #filter: FilteredBody | null = null
  /** Where a cache may want the answer, too; else null. */
  readonly #keepsake: Keepsake | null
  /** How fast it is taken from the worker, where somebody says. */
  #pace: AnswerPace | null = null
  /** The answer is not for the client: what still comes of it is thrown away. */
  #elsewhere = false
  /** Fields that are to follow the body, worked out at its end. */
  #trailers: (() => HeaderList | null) | null = null

  constructor(
    house: House,
    request: RequestInHand,
    slot: WorkerSlot,
    resolve: (ending: Ending | null) => void,
  ) {
    const { exchange, head, edge, rules } = request
    const is10 = head.minor === 0
    this.#house = house
    this.#request = request
    this.#slot = slot
    this.#resolve = resolve
    this.exchange = exchange
    this.client = edge.outlet
    this.clientIs10 = is10
    this.sayKeepAlive = is10 || rules.saysKeepAlive !== undefined
    this.keepAliveFor = rules.saysKeepAlive ?? 0
    this.keepsAccel = rules.receive !== undefined
    this.wantsTrailers = !is10 && head.headers.has('te') && head.headers.tokens('te').includes('trailers')
    this.buffering = rules.responseBuffering
    this.queue = rules.admission
    this.#keepsake = rules.outlivesClient === true ? this.#keep() : null
    exchange.enter('connecting')
    const delivery = (this.#delivery = new Delivery(this))
    exchange.onInterrupt = failure => delivery.abandon(failure)
    const sent = outgoingTo(slot.pool.backend, request, forWhom => this.#worker.bodyWaits(forWhom), delivery)
    this.#worker = new WorkerConnection(slot.pool.backend, slot, sent.method, sent, this, rules.workers)
    if (!exchange.clientPresent) delivery.abandon(new Failure('client_left', 'the client has left'))
    this.#worker.begin()
  }

  // — AnswerSink: what comes from the worker

  connected(): void {
    const { exchange } = this
    exchange.attempts++
    exchange.workerSince = now()
    exchange.nearEnd = this.#worker.socket
    exchange.pid = 0
    exchange.enter('waiting', exchange.workerSince)
    this.#tell('connected')
    const { intake } = this.#request
    if (intake !== null && !intake.started) stream(this.#request, intake, this.#delivery)
  }

  informational(interim: ResponseHead): void {
    if (this.#request.rules.passesInterim?.(interim) !== false) this.#delivery.informational(interim)
  }

  head(answer: ResponseHead, framing: Framing): void {
    this.#house.vitals?.answered()
    const { rules, edge } = this.#request
    rules.tried?.('head', this.#slot.pool.backend, { received: answer.bytes, sent: 0 })
    const reception = rules.receive?.(answer, framing, this.#slot.pool.backend)
    if (reception !== undefined && reception.kind !== 'deliver') {
      this.#leaveTo(
        reception.kind === 'take'
          ? { kind: 'taken', answer }
          : failed(reception.failure, answeredAttempt(reception.failure, this.#resendable)),
      )
      return
    }
    // Of an early answer the rest of the request is not wanted, nor what becomes of it.
    edge.discardBody()
    this.exchange.enter('responding')
    if (this.#keepsake?.head(reception, framing.kind === 'length') === true) {
      if (reception?.copy == null) this.#leaveTo(failed(this.#unattended!, null))
      return
    }
    if (reception === undefined) this.#delivery.head(answer, framing)
    else {
      const { rate, into } = reception
      if (into !== undefined) this.client = into
      if (rate !== undefined && rate !== null)
        this.client = new PacedClient(this.client, rate, rules.workers.clock)
      this.#delivery.buffers(reception.buffering)
      if (reception.chunks === false) this.#delivery.withoutChunks()
      this.#delivery.head(reception.head, reception.framing)
      const { filter } = reception
      if (filter !== null) this.#filter = new FilteredBody(filter, this.#delivery, this)
      this.#trailers = reception.trailers ?? null
      const { takeRate } = reception
      if (takeRate) this.#pace = new AnswerPace(takeRate, rules.workers.clock, this)
    }
    // There is no way back to another worker: the body has done its part, and gives its room back while a slow
    // client still reads.
    this.#request.intake?.spool.destroy()
  }

  data(chunk: Buffer): boolean {
    return this.#pace === null ? this.passOn(chunk) : this.#pace.take(chunk)
  }

  passOn(chunk: Buffer): boolean {
    if (this.#elsewhere) return true
    const keepsake = this.#keepsake
    return keepsake === null ? this.#deliver(chunk) : keepsake.data(chunk, piece => this.#deliver(piece))
  }

  #deliver(chunk: Buffer): boolean {
    return this.#filter === null ? this.#delivery.data(chunk) : this.#filter.write(chunk)
  }

  end(trailers: HeaderList | null): void {
    learnAnswered(this.#request)
    if (this.#pace === null) this.#end(trailers)
    else this.#pace.end(() => this.#end(trailers))
  }

  #end(trailers: HeaderList | null): void {
    this.#tell('end')
    if (trailers !== null) this.#request.rules.trailing?.(trailers)
    if (this.#elsewhere) return
    // Before the client has all of it, and may ask again.
    this.#keepsake?.whole()
    if (this.#unattended !== null) this.#resolve(failed(this.#unattended, null))
    else if (this.#filter === null) this.#finish(trailers)
    else this.#filter.end()
  }

  #tell(event: 'connected' | 'end'): void {
    const { rules } = this.#request
    // The socket counts what it wrote only when asked, which costs: not where nobody wants to know.
    if (rules.tried === undefined) return
    const { bytesSent, socket } = this.#worker
    rules.tried(event, this.#slot.pool.backend, { received: socket.bytesRead, sent: bytesSent })
  }

  flush(): void {
    if (this.#elsewhere || this.#unattended !== null) return
    this.#filter?.flush()
    this.#delivery.flush()
  }

  lost(failure: Failure, loss: LossOfWorker): void {
    reportLoss(this.#house, this.#request, this.#slot.pool.backend, failure, loss)
  }

  freed(): void {
    this.exchange.workerSince = 0
    this.exchange.nearEnd = null
    this.#house.observer.released(this.exchange, this.#slot.answered)
  }

  failed(failure: Failure, loss: LossOfWorker): void {
    if (this.#elsewhere) return
    this.#pace?.release()
    this.#tell('end')
    this.#keepsake?.fail()
    const left = this.#unattended
    if (left === null && this.#delivery.started) {
      this.exchange.fail(failure)
      this.#filter?.destroy()
      this.#delivery.broken(failure)
      return
    }
    this.exchange.onInterrupt = null
    const again = this.exchange.forNobody ? null : lostAttempt(failure, loss, this.#resendable)
    this.#resolve(failed(left ?? failure, again))
  }

  #keep(): Keepsake {
    const giveUp = () => this.#leaveTo(failed(this.#unattended!, null))
    return new Keepsake(() => this.#pace?.waiting !== true && this.#worker.resume(), giveUp)
  }

  get #unattended(): Failure | null {
    return this.#keepsake?.unattended ?? null
  }

  get #resendable(): boolean {
    const { intake } = this.#request
    return intake === null || intake.resendable
  }

  // The client gets something else in its place. What of the answer has come is read to its end first, so that a worker
  // that is done with it counts as that.
  #leaveTo(ending: Ending): void {
    this.#elsewhere = true
    this.exchange.onInterrupt = null
    this.#tell('end')
    setImmediate(() => {
      this.#worker.abandon()
      this.#resolve(ending)
    })
  }

  // — FilteredBodyOwner: through what changes the body

  filtered(): void {
    this.#finish(null)
  }

  filterFailed(detail: string): void {
    const failure = new Failure('answer_broken', detail)
    this.#keepsake?.fail()
    this.#elsewhere = true
    this.exchange.fail(failure)
    this.#delivery.broken(failure)
  }

  #finish(trailers: HeaderList | null): void {
    const own = this.#trailers?.() ?? null
    this.#delivery.end(own ?? trailers, own !== null)
  }

  // — DeliveryOptions: what the delivery asks

  keepAlive(): boolean {
    return mayStay(this.#request, this.#house)
  }

  openSpool(): Spool {
    const { spoolClient, rules } = this.#request
    return this.#house.spools.spool('response', spoolClient, false, rules.answerAllowance)
  }

  resumeWorker(): void {
    if (this.#filter === null) this.goOn()
    else this.#filter.resume()
  }

  goOn(): void {
    if (this.#keepsake?.resumed() !== false && this.#pace?.waiting !== true) this.#worker.resume()
  }

  done(failure: Failure | null): void {
    this.exchange.onInterrupt = null
    this.#request.keepAlive &&= this.#delivery.keepAlive
    this.#filter?.destroy()
    if (failure !== null && this.#keepsake?.leave(failure, this.#request) === true) return
    if (failure === null) {
      this.#resolve(null)
      return
    }
    this.#pace?.drop()
    this.#tell('end')
    learnLeft(this.#request, failure)
    this.exchange.fail(failure)
    this.#keepsake?.fail()
    this.#worker.abandon()
    this.#resolve(failed(failure, null))
  }
}

function failed(failure: Failure, again: Attempt | null): Ending {
  return { kind: 'failed', failure, again }
}
