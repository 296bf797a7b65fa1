// The passage of one WebSocket, or of another protocol, through the house, from the request to upgrade until both ends are
// closed: what became of it, how long it may wait for its answer and be idle, and its worker's part when the client has
// gone first.

import type { ClientRequest, IncomingMessage } from 'node:http'
import type net from 'node:net'
import { type Duplex, PassThrough, pipeline } from 'node:stream'
import { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import { HeaderList } from '../http1/headers.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import { busyAtMost } from '../worker-timeout.ts'
import { headOf, refusalHead, switchingFields, switchingHead, writeAsWritten } from './upgrade-heads.ts'

/**
 * Which fields of the worker's answer the client gets, without those of the connection; null: the client does not get this
 * answer, but another one.
 */
export type Receive = (answer: ResponseHead) => HeaderList | null

/** What is left to be answered otherwise: an answer that the client does not get, or that there was none. */
export type GivenBack = ResponseHead | Failure

export interface PassageOptions {
  readonly receive: Receive
  /**
   * Told once what the worker made of the request: null where the passage has the client to its end, else what is to be
   * answered in its place, and the client is the caller's again. Absent: it always has the client.
   */
  readonly decided?: (back: GivenBack | null) => void
  readonly readTimeout: number
  readonly workerTimeout: number | null
  /** The exchange has ended. */
  finished(exchange: Exchange): void
}

/** Nothing in either direction for so long ends it (fine-points.md). */
const IDLE_MS = 3_600_000
/** An answer that nobody gets is read for so long (fine-points.md: of a client that left). */
const DISCARD_MS = 1_000
/** Bytes of a refusal that may wait for a slow client; a longer one holds its worker. */
const REFUSAL_MEMORY = 1024 * 1024

export class Passage {
  readonly worker: net.Socket
  readonly #client: Duplex
  readonly #exchange: Exchange
  readonly #options: PassageOptions
  readonly #onEnd: () => void
  readonly #onClose = (): void => this.#end()
  #decided: ((back: GivenBack | null) => void) | null
  #request: ClientRequest | null = null
  #answered = false
  #relaying = false
  #relayed = 0
  /** Bytes of the answer's head: as it came from the worker, and as the client got it. */
  #headIn = 0
  #headOut = 0
  #ended = false

  constructor(
    client: Duplex,
    worker: net.Socket,
    exchange: Exchange,
    options: PassageOptions,
    onEnd: () => void,
  ) {
    this.#client = client
    this.worker = worker
    this.#exchange = exchange
    this.#options = options
    this.#onEnd = onEnd
    this.#decided = options.decided ?? null
    client.on('error', () => {})
    client.once('close', this.#onClose)
    worker.once('close', () => {
      // What was relayed of a refusal is still on its way to the client.
      if (!this.#relaying && !this.#ended) client.destroy()
    })
    worker.setTimeout(options.readTimeout, () => {
      if (!this.#answered) this.#refuse(new Failure('read_timeout', 'no answer to the request to upgrade'))
    })
  }

  /** The request to the worker is made, but not sent: its answer decides. */
  watch(request: ClientRequest, asked: IncomingMessage): void {
    this.#request = request
    writeAsWritten(request, asked.rawHeaders)
    request.once('upgrade', (answer, _socket, first) => {
      this.#answer(answer)
      // What http-proxy-3 is about to write.
      const fields = this.#options.receive(headOf(answer)) ?? new HeaderList()
      answer.headers = switchingFields(fields, answer.headers.upgrade)
      this.#headIn = this.worker.bytesRead - first.length
      this.#headOut = Buffer.byteLength(switchingHead(answer.headers))
      // A client that has gone meanwhile needs no passage.
      if (this.#ended) this.worker.destroy()
      else (this.#client as net.Socket).setTimeout(IDLE_MS, () => this.cut())
    })
    // In place of http-proxy-3's own listeners: one takes a refusal into memory whole, whatever its size, the other ends
    // the client's connection, which may have an answer still to come.
    process.nextTick(() => {
      request.removeAllListeners('response')
      request.once('response', answer => this.#relay(answer))
      request.removeAllListeners('error')
      request.on('error', () => this.failed('the worker ended the connection'))
    })
  }

  /** There will be no answer. */
  failed(detail: string): void {
    this.#refuse(new Failure('worker_lost', detail))
  }

  close(): void {
    this.#client.end()
    this.worker.end()
  }

  cut(): void {
    this.#client.destroy()
    this.worker.destroy()
  }

  // The client is whoever's it was before, as if it had never been here: nothing that the worker still says may reach it.
  #giveBack(back: GivenBack): void {
    const decided = this.#decided
    this.#decided = null
    this.#ended = true
    this.#client.off('close', this.#onClose)
    this.#request?.removeAllListeners('upgrade').removeAllListeners('response')
    this.#request?.once('response', answer => this.#discard(answer))
    this.#request?.once('upgrade', () => this.worker.destroy())
    this.#exchange.bytesIn += this.worker.bytesWritten
    this.#exchange.workerSince = 0
    if (!this.worker.destroyed) this.#awaitWorker()
    this.#onEnd()
    decided?.(back)
  }

  // To its end, where that comes soon: the worker is to be free.
  #discard(answer: IncomingMessage): void {
    const over = setTimeout(() => this.worker.destroy(), DISCARD_MS)
    answer.on('error', () => {})
    answer.once('close', () => {
      clearTimeout(over)
      this.worker.destroy()
    })
    answer.resume()
  }

  #answer(answer: IncomingMessage): void {
    this.#decided?.(null)
    this.#decided = null
    this.#answered = true
    this.worker.setTimeout(0)
    this.#exchange.status = answer.statusCode ?? 0
    this.#exchange.enter('responding')
  }

  // An answer that refuses the upgrade: at the worker's speed up to a bound, then at the client's.
  #relay(answer: IncomingMessage): void {
    const received = headOf(answer)
    const fields = this.#options.receive(received)
    if (fields === null && this.#decided !== null) {
      this.#giveBack(received)
      this.#discard(answer)
      return
    }
    this.#answer(answer)
    this.#relaying = true
    const head = refusalHead(answer, fields ?? received.headers)
    this.#headOut = head.length
    this.#client.write(head, 'latin1')
    pipeline(answer, new PassThrough({ highWaterMark: REFUSAL_MEMORY }), this.#client, error => {
      if (error !== undefined && error !== null && !this.#ended) {
        this.#exchange.fail(new Failure('answer_broken', error.message))
      }
      this.#client.destroy()
    })
    answer.on('data', (chunk: Buffer) => {
      this.#relayed += chunk.length
    })
  }

  #refuse(failure: Failure): void {
    if (this.#answered || this.#ended || this.#client.destroyed) return
    if (this.#decided !== null) {
      this.#giveBack(failure)
      return
    }
    this.#exchange.fail(failure)
    const { status } = failure.kind
    this.#exchange.status = status
    const reason = status === 504 ? 'Gateway Timeout' : 'Bad Gateway'
    const head = `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
    this.#headOut = head.length
    this.#client.end(head, () => this.#client.destroy())
  }

  // The client's side is closed. A worker that is still busy with the request keeps its slot until it is done, as for
  // any other request; one that has answered is closed.
  #end(): void {
    if (this.#ended) return
    this.#ended = true
    const exchange = this.#exchange
    exchange.bytesIn += this.worker.bytesWritten
    const body = this.#relaying ? this.#relayed : this.worker.bytesRead - this.#headIn
    exchange.headBytesOut = this.#headOut
    if (this.#headOut > 0) exchange.bytesOut += this.#headOut + body
    exchange.workerSince = 0
    if (exchange.status === 0) exchange.fail(new Failure('client_left', 'the client left before the upgrade'))
    if (this.#answered || this.worker.destroyed) this.worker.destroy()
    else this.#awaitWorker()
    exchange.enter('done')
    this.#onEnd()
    const decided = this.#decided
    this.#decided = null
    decided?.(null)
    // Whoever waited for the decision has things to do before.
    if (decided !== null) setImmediate(() => this.#options.finished(exchange))
    else this.#options.finished(exchange)
  }

  #awaitWorker(): void {
    this.worker.setTimeout(busyAtMost(this.#options.workerTimeout), () => this.worker.destroy())
    this.worker.resume()
  }
}
