// One fresh connection to a worker, for one request: connects, sends, reads the answer at the worker's full
// speed, closes. It owns the slot from the moment it is created, and gives it back when the worker has hung up
// (or can be taken for gone), never because a client left. It does not know the client's socket.
//
// Invariants: no FIN before the answer is complete; nothing is sent before the connection stands; the sink
// hears `end` or `failed` exactly once, and nothing after it.

import net from 'node:net'
import type { Timed } from '../clock.ts'
import { Failure } from '../errors.ts'
import { now } from '../exchange.ts'
import type { Framing } from '../http1/framing.ts'
import type { HeaderList } from '../http1/headers.ts'
import { ProtocolError, quoteBytes } from '../http1/protocol-error.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import { type AnswerParts, AnswerReader } from './answer-reader.ts'
import type { AnswerSink, HeldSlot, LossOfWorker, WorkerOptions } from './answer-sink.ts'
import { LateClose } from './late-close.ts'
import type { OutgoingBody } from './outgoing-body.ts'
import type { Upstream } from './upstream.ts'

type State = 'connecting' | 'waiting' | 'answering' | 'complete' | 'given-up' | 'closed'

/** gunicorn kills late: its master looks once a second. */
const KILL_GRACE_MS = 2_000
/** With no known worker timeout, a slot is kept this long for a worker that has not hung up. */
const UNKNOWN_TIMEOUT_MS = 600_000
/** For an upstream that was seen never to close its end. */
const NEVER_CLOSES_MS = 250
/** What is read and thrown away of an answer that nobody wants, before the connection is reset. */
const DISCARD_MS = 1_000
const DISCARD_BYTES = 16 * 1024 * 1024
/** After a reset of ours the worker's next write fails; then it is free. */
const AFTER_RESET_MS = 1_000

export class WorkerConnection implements Timed, AnswerParts {
  deadline = 0
  readonly upstream: Upstream
  readonly #options: WorkerOptions
  readonly #socket: net.Socket
  readonly #slot: HeldSlot
  readonly #openedAt = now()
  #sink: AnswerSink | null
  #state: State = 'connecting'
  #head: string
  #body: OutgoingBody | null
  #sentAt = 0
  #received = 0
  readonly #reader: AnswerReader
  #discarded = 0
  #freed = false

  /**
   * Opens the connection at once. The slot is this connection's from here on.
   * @param head the request's head as it is sent.
   * @param body what follows it; null for none.
   */
  constructor(
    upstream: Upstream,
    slot: HeldSlot,
    method: string,
    head: string,
    body: OutgoingBody | null,
    sink: AnswerSink,
    options: WorkerOptions,
  ) {
    this.upstream = upstream
    this.#slot = slot
    this.#reader = new AnswerReader(method, this)
    this.#head = head
    this.#body = body
    this.#sink = sink
    this.#options = options
    options.clock.set(this, this.#openedAt + options.connectTimeout)
    const socket = (this.#socket = new net.Socket({ allowHalfOpen: true }))
    socket.on('connect', () => this.#onConnect())
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('end', () => this.#onEnd())
    socket.on('error', (error: NodeJS.ErrnoException) => this.#onError(error))
    socket.on('close', () => this.#onClose())
    socket.connect(upstream.endpoint as net.SocketConnectOpts)
  }

  // — sending

  #onConnect(): void {
    const { clock, readTimeout, connect } = this.#options
    this.upstream.connected()
    connect(this.upstream, 'ok')
    this.#state = 'waiting'
    this.#sentAt = now()
    clock.set(this, this.#sentAt + readTimeout)
    this.#sink?.connected()
    const head = this.#head
    this.#head = ''
    if (this.#body === null) this.#socket.write(head, 'latin1')
    else {
      // The last piece of a body must not wait for the acknowledgement of the one before.
      this.#socket.setNoDelay(true)
      this.#body.send(this.#socket, head)
    }
  }

  /** The request's body will not come in full (it was streamed): the worker must not take it for whole. */
  breakRequest(): void {
    this.#reset()
  }

  // — the answer

  #onData(chunk: Buffer): void {
    this.#received += chunk.length
    const { clock, readTimeout } = this.#options
    if (this.#state === 'complete') return
    if (this.#state === 'given-up') {
      this.#discard(chunk)
      return
    }
    clock.set(this, now() + readTimeout)
    try {
      this.#reader.push(chunk)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#fail(
        new Failure(this.#reader.begun ? 'answer_broken' : 'answer_invalid', error.detail),
        'protocol',
      )
      this.#reset()
      return
    }
    this.#sink?.flush()
    if (this.#reader.done) this.#complete()
  }

  /** The reader's. */
  onInterim(head: ResponseHead): void {
    this.#sink?.informational(head)
  }

  /** The reader's. */
  onHead(head: ResponseHead, framing: Framing): void {
    this.#state = 'answering'
    // An early answer: the rest of the request is not sent.
    this.#body?.stop()
    this.#sink?.head(head, framing)
  }

  /** The reader's. */
  data(chunk: Buffer): void {
    if (this.#sink === null || this.#sink.data(chunk)) return
    this.#options.clock.clear(this)
    this.#socket.pause()
  }

  /** The reader's: the answer is whole. */
  end(trailers: HeaderList | null): void {
    const sink = this.#sink
    this.#sink = null
    sink?.end(trailers)
  }

  /** The sink has room again. */
  resume(): void {
    if (this.#state !== 'answering' || !this.#socket.isPaused()) return
    this.#options.clock.set(this, now() + this.#options.readTimeout)
    this.#socket.resume()
  }

  // — the end

  // The answer is whole: the worker closes, usually at once; if it does not, our FIN goes after 2 ms, which
  // frees a worker that lingers for it (gunicorn 26: up to 2 s). The slot waits for its end.
  #complete(): void {
    if (this.#state === 'complete' || this.#state === 'closed') return
    this.#state = 'complete'
    if (this.#socket.readableEnded) {
      this.#socket.destroy()
      return
    }
    this.#options.clock.set(
      this,
      this.upstream.neverCloses ? now() + NEVER_CLOSES_MS : this.#workerDeadline(),
    )
    LateClose.of(this.#socket)
  }

  #workerDeadline(): number {
    const { workerTimeout } = this.#options
    const since = this.#sentAt === 0 ? this.#openedAt : this.#sentAt
    const at = since + (workerTimeout === null ? UNKNOWN_TIMEOUT_MS : workerTimeout + KILL_GRACE_MS)
    return Math.max(at, now() + NEVER_CLOSES_MS)
  }

  /**
   * Nobody wants the answer any more. A worker that has sent nothing goes on, and its slot with it; one that
   * sends is listened to for a moment and then reset, so that its next write fails.
   */
  abandon(): void {
    const was = this.#state
    this.#sink = null
    if (was === 'complete' || was === 'closed') return
    if (was === 'connecting') {
      // Nothing was sent. The connect may still succeed, and an empty connection would hold a worker until its
      // end: the close follows at once.
      this.#close()
      return
    }
    // A request that cannot be completed any more must not be waited for.
    if (this.#body !== null && !this.#body.whole) {
      this.#reset()
      return
    }
    this.#state = 'given-up'
    if (this.#socket.isPaused()) this.#socket.resume()
    const at = was === 'answering' ? now() + DISCARD_MS : this.#workerDeadline()
    this.#options.clock.set(this, at)
  }

  #discard(chunk: Buffer): void {
    if (this.#discarded === 0)
      this.#options.clock.set(this, Math.min(this.deadline || Infinity, now() + DISCARD_MS))
    this.#discarded += chunk.length
    if (this.#discarded > DISCARD_BYTES) this.#reset()
  }

  // The worker's next read or write fails; its slot comes back a moment later.
  #reset(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#sink = null
    this.#body?.stop()
    this.#socket.resetAndDestroy()
    this.#options.clock.set(this, now() + AFTER_RESET_MS)
  }

  #close(): void {
    this.#state = 'closed'
    this.#socket.destroy()
    this.#free()
  }

  #free(): void {
    if (this.#freed) return
    this.#freed = true
    this.#options.clock.clear(this)
    this.#options.freed(this.upstream, now() - this.#openedAt)
    this.#slot.release()
  }

  // — what happens to it

  #onEnd(): void {
    if (this.#state === 'complete') {
      this.upstream.neverCloses = false
      this.#socket.destroy()
    } else if (this.#state === 'answering' && this.#reader.finish()) {
      this.#sink?.flush()
      this.#state = 'complete'
      this.#socket.destroy()
    } else if (this.#state === 'given-up') {
      this.#socket.destroy()
    } else {
      this.#lost('fin', 'the worker closed the connection')
    }
  }

  #onError(error: NodeJS.ErrnoException): void {
    const code = error.code ?? error.message
    if (this.#state === 'connecting') {
      this.#connectFailed(code, `${code} ${describe(this.upstream)}`)
    } else if (this.#state === 'waiting' || this.#state === 'answering') {
      this.#lost('reset', `the connection to the worker failed: ${code}`)
    }
  }

  #connectFailed(code: string, detail: string): void {
    const silent = code === 'ETIMEDOUT'
    this.#options.connect(this.upstream, code === 'ECONNREFUSED' ? 'refused' : silent ? 'timeout' : 'error')
    this.#fail(new Failure('upstream_down', detail), 'connect', code)
    this.#close()
  }

  #lost(how: 'fin' | 'reset', what: string): void {
    const headSeen = this.#state === 'answering'
    const { fragment } = this.#reader
    if (headSeen) this.#fail(new Failure('answer_broken', `${what} after ${this.#received} bytes`), how)
    else if (fragment !== null) {
      const quoted = quoteBytes(fragment)
      this.#fail(new Failure('worker_lost', `${what} in the middle of a head: ${quoted}`), how)
    } else this.#fail(new Failure('worker_lost', `${what} before its first byte`), how)
    this.#close()
  }

  #fail(failure: Failure, how: LossOfWorker['how'], code = ''): void {
    const sink = this.#sink
    this.#sink = null
    this.#body?.stop()
    const ageMs = this.#sentAt === 0 ? 0 : now() - this.#sentAt
    const headSeen = this.#reader.begun
    const nothingSent = how === 'connect'
    sink?.failed(failure, { how, nothingSent, headSeen, received: this.#received, ageMs, code })
  }

  #onClose(): void {
    // After a reset of ours the slot waits for its moment; everything else has ended here.
    if (this.#state === 'closed') return
    if (this.#state === 'waiting' || this.#state === 'answering') this.#lost('reset', 'the connection closed')
    this.#state = 'closed'
    this.#free()
  }

  expired(): void {
    switch (this.#state) {
      case 'connecting':
        this.#connectFailed(
          'ETIMEDOUT',
          `no connection to ${describe(this.upstream)} within ${this.#options.connectTimeout} ms`,
        )
        break
      case 'waiting':
      case 'answering':
        this.#readTimedOut()
        break
      case 'complete':
        // Our FIN was answered by nothing: it is of the kind that never closes.
        this.upstream.neverCloses = true
        this.#close()
        break
      case 'given-up':
        if (this.#discarded > 0) this.#reset()
        else this.#giveUpWaiting()
        break
      default:
        this.#free()
    }
  }

  // The client gets its 504 (or its cut), and the worker goes on: so does its slot.
  #readTimedOut(): void {
    const { readTimeout, workerTimeout, clock } = this.#options
    const answering = this.#state === 'answering'
    const what = answering ? 'no further byte' : 'no byte'
    const code = answering ? 'answer_stalled' : 'read_timeout'
    this.#fail(new Failure(code, `${what} came from the worker within ${readTimeout} ms`), 'timeout')
    this.#state = 'given-up'
    clock.set(this, this.#workerDeadline())
    if (workerTimeout === null) {
      this.#options.warn(
        `a worker of ${this.upstream.name} is still busy with a request that was answered 504; its slot stays taken ` +
          'until it hangs up, ten minutes at most (--worker-timeout would tell how long it may run)',
      )
    }
  }

  #giveUpWaiting(): void {
    this.#options.warn(`a worker of ${this.upstream.name} did not hang up in time; its slot is given back`)
    this.#close()
  }
}

function describe(upstream: Upstream): string {
  const { endpoint } = upstream
  if (endpoint === null) return upstream.name
  return 'path' in endpoint ? endpoint.path : `${endpoint.host}:${endpoint.port}`
}
