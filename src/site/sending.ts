// An answer that is made here on its way to the client: a file, a text, an error page; through the filters of its place,
// at the client's pace. Settles when the client has it, or never will.

import { mayStay } from '../ending.ts'
import { Failure } from '../errors.ts'
import type { House } from '../house.ts'
import { type LocalAnswer, letGo } from '../outcome.ts'
import type { RequestInHand } from '../passing.ts'
import type { BodyFilter } from '../response/body-filter.ts'
import { type ClientWriter, Delivery, type DeliveryOptions } from '../response/delivery.ts'
import { trailersOf } from '../response/filters/added-fields.ts'
import { PacedClient } from '../response/paced-client.ts'
import { rateOf } from '../response/rate.ts'
import type { Spool } from '../spool/spool.ts'
import type { Visit } from '../visit.ts'
import { madeHere, type Unwanted } from './client-answer.ts'
import { lasts, promised } from './lasting.ts'

/**
 * @param visit whose place filters it
 * @param into who gets it in the client's place; absent: the client
 * @returns `Unwanted`: nothing was sent, the file has a page for what came in between
 */
export function send(
  house: House,
  request: RequestInHand,
  visit: Visit,
  answer: LocalAnswer,
  into?: ClientWriter,
): Promise<Failure | Unwanted | null> {
  return new Promise(resolve => new Sending(house, request, visit, answer, resolve, into).begin())
}

const NOTHING = Buffer.alloc(0)

class Sending implements DeliveryOptions {
  readonly exchange: RequestInHand['exchange']
  client: DeliveryOptions['client']
  readonly clientIs10: boolean
  readonly sayKeepAlive = true
  readonly keepAliveFor: number
  readonly wantsTrailers: boolean
  readonly keepsAccel = true
  /** A file waits where it is: nothing of it is spooled. */
  readonly buffering = false
  readonly #house: House
  readonly #request: RequestInHand
  readonly #visit: Visit
  readonly #answer: LocalAnswer
  readonly #resolve: (ended: Failure | Unwanted | null) => void
  readonly #delivery: Delivery
  readonly #rated: boolean
  #filter: BodyFilter | null = null
  #over = false
  #wake: (() => void) | null = null

  constructor(
    house: House,
    request: RequestInHand,
    visit: Visit,
    answer: LocalAnswer,
    resolve: (ended: Failure | Unwanted | null) => void,
    into?: ClientWriter,
  ) {
    const { exchange, edge, head } = request
    this.#house = house
    this.#request = request
    this.#visit = visit
    this.#answer = answer
    this.#resolve = resolve
    this.exchange = exchange
    this.client = into ?? edge.outlet
    this.#rated = into === undefined
    this.clientIs10 = head.minor === 0
    request.keepAlive &&= lasts(visit)
    this.keepAliveFor = promised(visit)
    this.wantsTrailers = !this.clientIs10 && head.headers.tokens('te').includes('trailers')
    this.#delivery = new Delivery(this)
  }

  begin(): void {
    const { exchange } = this
    exchange.onInterrupt = failure => this.#delivery.abandon(failure)
    const made = madeHere(this.#visit, this.#answer)
    if ('kind' in made) {
      exchange.onInterrupt = null
      this.#resolve(made)
      return
    }
    const { head, framing, filter, body } = made
    exchange.enter('delivering')
    const rate = this.#rated ? rateOf(this.#visit) : null
    if (rate !== null) this.client = new PacedClient(this.client, rate, this.#house.workers.clock)
    if (!this.#visit.settings.chunkedAnswers) this.#delivery.withoutChunks()
    this.#delivery.head(head, framing)
    if (framing.kind === 'none') {
      void letGo({ body })
      filter?.destroy()
      this.#delivery.end(null)
      return
    }
    if (filter !== null) this.#put(filter)
    // Nothing may still become something: what gzip frames, what is added before and after it.
    void this.#pour(body ?? NOTHING)
  }

  async #pour(body: Buffer | AsyncIterable<Buffer>): Promise<void> {
    try {
      if (Buffer.isBuffer(body)) await this.#write(body)
      else {
        for await (const piece of body) {
          await this.#write(piece)
          if (this.#over) return
        }
      }
    } catch (error) {
      if (!this.#over) this.#break(error instanceof Error ? error.message : String(error))
      return
    }
    if (this.#over) return
    if (this.#filter === null) this.#finish()
    else this.#filter.end()
  }

  // The connection is cut: its length was told, and the client must not take the rest for whole.
  #break(detail: string): void {
    this.#over = true
    this.#filter?.destroy()
    this.#delivery.broken(new Failure('answer_broken', detail))
  }

  #write(piece: Buffer): Promise<void> | undefined {
    const room = this.#filter === null ? this.#give(piece) : this.#filter.write(piece)
    if (room || this.#over) return
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  #give(piece: Buffer): boolean {
    this.#delivery.data(piece)
    this.#delivery.flush()
    return this.#delivery.room
  }

  #put(filter: BodyFilter): void {
    this.#filter = filter
    filter.onData = piece => this.#give(piece)
    filter.onEnd = () => this.#finish()
    filter.onRoom = () => this.#goOn()
    filter.onError = detail => this.#break(detail)
  }

  #finish(): void {
    const trailers = (this.#visit.trailers = trailersOf(this.#visit, this.#visit.answer ?? this.#answer.head))
    this.#delivery.end(trailers, trailers !== null)
  }

  #goOn(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }

  // — DeliveryOptions

  keepAlive(): boolean {
    return mayStay(this.#request, this.#house)
  }

  openSpool(): Spool {
    return this.#house.spools.spool('response', this.#request.spoolClient, false)
  }

  /** There is room for more: whatever is poured goes on. */
  resumeWorker(): void {
    if (this.#filter === null) this.#goOn()
    else this.#filter.resume()
  }

  done(failure: Failure | null): void {
    this.#over = true
    this.exchange.onInterrupt = null
    this.#request.keepAlive &&= this.#delivery.keepAlive
    this.#filter?.destroy()
    this.#goOn()
    this.#resolve(failure)
  }
}
