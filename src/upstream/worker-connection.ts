// One fresh connection to a worker, for one request: connects, sends, reads the answer at the worker's full speed.
// It owns the slot from the moment it is created; the slot's return is `slot-return.ts`'s. It does not know the
// client's socket.
//
// Invariants: no FIN before the answer is complete; nothing is sent before the connection stands; the sink hears
// `end` or `failed` at most once, and nothing after it.

import { now, type Timed } from '../clock.ts'
import { Failure } from '../errors.ts'
import type { Framing } from '../http1/framing.ts'
import type { HeaderList } from '../http1/headers.ts'
import { ProtocolError } from '../http1/protocol-error.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import { AnswerReader } from './answer-reader.ts'
import type { AnswerSink, HeldSlot, LossOfWorker, WorkerOptions } from './answer-sink.ts'
import { connectFailure, errorCode } from './connect-failure.ts'
import type { AnswerParts, AnswerReading } from './dialect.ts'
import { from } from './local-end.ts'
import { lossFailure, lossOf, silenceFailure, stillBusy, untakenFailure } from './loss-failure.ts'
import type { Begun, OutgoingRequest } from './outgoing-request.ts'
import { type EndingConnection, SlotReturn, type State as SlotState } from './slot-return.ts'
import type { Upstream } from './upstream.ts'
import { openSocket, type WorkerSocketOwner, type WorkerStream } from './worker-socket.ts'

type State = 'connecting' | 'waiting' | 'answering' | 'over'

export class WorkerConnection implements Timed, AnswerParts, EndingConnection, WorkerSocketOwner {
  deadline = 0
  place = -1
  readonly upstream: Upstream
  readonly options: WorkerOptions
  readonly socket: WorkerStream
  readonly slot: HeldSlot
  readonly openedAt = now()
  /** Who wants the answer; null when nobody does any more. */
  #sink: AnswerSink | null
  readonly #told: AnswerSink
  #state: State = 'connecting'
  readonly #request: OutgoingRequest
  sentAt = 0
  #bytes = 0
  readonly #reader: AnswerReading
  #slotReturn: SlotReturn | null = null

  /**
   * The slot is this connection's from here on. It is opened by `begin`, and the sink hears of it from then on.
   * @param method by which the answer is framed.
   */
  constructor(
    upstream: Upstream,
    slot: HeldSlot,
    method: string,
    request: OutgoingRequest,
    sink: AnswerSink,
    options: WorkerOptions,
  ) {
    this.upstream = upstream
    this.slot = slot
    this.#reader = options.dialect?.reader(this) ?? new AnswerReader(method, this, options.bareLf)
    this.#request = request
    this.#sink = this.#told = sink
    this.options = options
    options.clock.set(this, this.openedAt + options.connectTimeout)
    this.socket = openSocket(this, from(upstream.endpoint!, options.from), options.tls)
  }

  /** Connects, unless it has been abandoned already. */
  begin(): void {
    this.socket.begin?.()
  }

  // — sending

  /** Towards the worker, head and body. */
  get bytesSent(): number {
    return this.#request.ahead + this.socket.bytesWritten
  }

  /** The socket's: the connect has begun, and on this machine it may be done. */
  begun(socket: Begun): boolean {
    const stands = this.#request.sendAhead(socket, this.upstream.headStart)
    if (stands) this.connected()
    return stands
  }

  /** The socket's. */
  connected(): void {
    if (this.#state !== 'connecting') return
    const { clock, connect } = this.options
    this.upstream.connected()
    connect(this.upstream, 'ok')
    this.#state = 'waiting'
    this.sentAt = now()
    clock.set(this, this.sentAt + this.#patience)
    this.#sink?.connected()
    this.#request.send(this.socket)
  }

  /** How long the worker may be silent now: it is to take what is left of the request, or to answer. */
  get #patience(): number {
    const { readTimeout, sendTimeout } = this.options
    return this.#takes ? (sendTimeout ?? readTimeout) : readTimeout
  }

  /** It is to take the rest of the request. */
  get #takes(): boolean {
    return this.#state === 'waiting' && this.#request.incomplete
  }

  // — the answer

  /** The socket's. The chunk changes when this has returned: whoever keeps bytes copies them. */
  received(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#slotReturn !== null) {
      this.#slotReturn.discard(chunk.length)
      return
    }
    this.options.clock.set(this, now() + this.#patience)
    try {
      this.#reader.push(chunk)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#fail(
        new Failure(this.#reader.begun ? 'answer_broken' : 'answer_invalid', error.detail),
        'protocol',
      )
      this.#over('reset')
      return
    }
    this.#sink?.flush()
    if (this.#reader.done) this.#over('answered')
  }

  /** The socket's: the worker closed on what we were still sending, but its answer may be whole all the same. */
  rescued(chunk: Buffer): boolean {
    if (this.#slotReturn === null) this.received(chunk)
    return this.#slotReturn === null
  }

  /** The timeouts are the worker's to meet: they do not run while the body itself is still on its way here. */
  bodyWaits(forWhom: 'worker' | 'bytes'): void {
    if (this.#state !== 'waiting') return
    if (forWhom === 'worker') this.options.clock.set(this, now() + this.#patience)
    else this.options.clock.clear(this)
  }

  /** The reader's. */
  onInterim(head: ResponseHead): void {
    this.#sink?.informational(head)
  }

  /** The reader's. */
  onHead(head: ResponseHead, framing: Framing): void {
    this.#state = 'answering'
    // An early answer: the rest of the request is not sent.
    this.#request.stop()
    this.#sink?.head(head, framing)
  }

  /** The reader's. */
  data(chunk: Buffer): void {
    if (this.#sink === null || this.#sink.data(chunk)) return
    this.options.clock.clear(this)
    this.socket.pause()
  }

  /** The reader's: the answer is whole. */
  end(trailers: HeaderList | null): void {
    const sink = this.#sink
    this.#sink = null
    sink?.end(trailers)
  }

  /** The sink has room again. */
  resume(): void {
    if (this.#state !== 'answering' || !this.socket.isPaused()) return
    this.options.clock.set(this, now() + this.options.readTimeout)
    this.socket.resume()
  }

  // — the end

  /**
   * Nobody wants the answer any more. A worker that has sent nothing goes on, and its slot with it; one that
   * sends is listened to for a moment and then reset, so that its next write fails.
   */
  abandon(): void {
    this.#sink = null
    if (this.#state === 'over') return
    // Nothing was sent. The connect may still succeed, and an empty connection would hold a worker until its end.
    if (this.#state === 'connecting') this.#over('free')
    else this.#leaveWorker()
  }

  // A request that the worker has not got in full will not be completed any more: it must not wait for the rest.
  #leaveWorker(): void {
    if (this.#request.incomplete) this.#over('reset')
    else this.#over(this.#state === 'answering' ? 'sending' : 'working')
  }

  #over(how: SlotState): void {
    if (this.#slotReturn !== null) return
    this.#state = 'over'
    this.#request.stop()
    this.options.clock.clear(this)
    this.#slotReturn = new SlotReturn(this, how)
  }

  /** The slot's return is done. */
  freed(): void {
    this.#told.freed()
  }

  // — what happens to it

  /** The socket's: the worker's FIN. */
  ended(): void {
    if (this.#slotReturn !== null) {
      if (this.#slotReturn.silent)
        this.#tellLoss(this.#lossFailure('the worker closed the connection'), 'fin')
      this.#slotReturn.workerEnded()
    } else if (this.#state === 'answering' && this.#reader.finish()) {
      this.#over('answered')
    } else {
      this.#lost('fin', 'the worker closed the connection')
    }
  }

  /** The socket's. */
  failed(error: NodeJS.ErrnoException): void {
    const code = errorCode(error, this.options.from)
    if (this.#state === 'connecting') {
      this.#connectFailed(code, connectFailure(code, error.message, this.upstream.where))
    } else if (this.#slotReturn === null) {
      this.#lost('reset', `the connection to the worker failed: ${code}`)
    } else if (this.#slotReturn.silent) {
      this.#tellLoss(this.#lossFailure(`the connection to the worker failed: ${code}`), 'reset')
    }
  }

  #connectFailed(code: string, failure: Failure): void {
    const silent = code === 'ETIMEDOUT'
    this.options.connect(this.upstream, code === 'ECONNREFUSED' ? 'refused' : silent ? 'timeout' : 'error')
    this.#fail(failure, 'connect', code)
    this.#over('free')
  }

  #lost(how: 'fin' | 'reset', what: string): void {
    this.#fail(this.#lossFailure(what), how)
    this.#over('free')
  }

  #lossFailure(what: string): Failure {
    return lossFailure(this.#reader, what, this.#bytes)
  }

  #fail(failure: Failure, how: LossOfWorker['how'], code = ''): void {
    const sink = this.#sink
    this.#sink = null
    const loss = this.#tellLoss(failure, how, code)
    sink?.failed(failure, loss)
  }

  // Told also when nobody wants the answer: why a worker died is wanted all the same.
  #tellLoss(failure: Failure, how: LossOfWorker['how'], code = ''): LossOfWorker {
    const loss = lossOf(how, code, this.#reader, this.#bytes, this.sentAt)
    this.#told.lost(failure, loss)
    return loss
  }

  /** The socket's. */
  closed(): void {
    if (this.#slotReturn === null) this.#lost('reset', 'the connection closed')
    this.#slotReturn?.closed()
  }

  expired(): void {
    if (this.#state === 'connecting') {
      const { connectTimeout } = this.options
      const detail = `no connection to ${this.upstream.where} within ${connectTimeout} ms`
      this.#connectFailed('ETIMEDOUT', new Failure('upstream_down', detail))
    } else if (this.#slotReturn === null) this.#silent()
  }

  // The client gets its 504 (or its cut), and the worker goes on: so does its slot.
  #silent(): void {
    const { workerTimeout, warn } = this.options
    const [takes, answering] = [this.#takes, this.#state === 'answering']
    const failure = takes ? untakenFailure(this.#patience) : silenceFailure(this.#patience, answering)
    this.#fail(failure, 'timeout')
    this.#leaveWorker()
    if (workerTimeout === null && !answering && !takes) warn(stillBusy(this.upstream.name))
  }
}
