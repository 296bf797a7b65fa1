// The body of what another place of the site answers, on its way into the answer of a request: what add_before_body and
// add_after_body put there. The answer is made as for a client, of HTTP/1.0 so that nothing frames it, and its head is
// left out.

import { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import type { BodyTaker, Fetcher } from '../fetcher.ts'
import type { House } from '../house.ts'
import type { RequestInHand } from '../passing.ts'
import type { ClientWriter } from '../response/delivery.ts'
import type { Visit } from '../visit.ts'
import { send } from './sending.ts'
import { type Subrequest, subrequest } from './subrequest.ts'
import { type VisitHost, visitSite } from './visiting.ts'

/**
 * Begins at once; the taker is told its end once, unless it is destroyed before.
 * @param to `args` null: those of the parent
 */
export function fetchBody(
  house: House,
  host: VisitHost,
  parent: Visit,
  request: RequestInHand,
  to: { readonly uri: string; readonly args: string | null },
  taker: BodyTaker,
): ReturnType<Fetcher['fetch']> {
  const into = new WithoutHead(taker)
  const asked = subrequest(house, host, parent, request, to, into)
  const { visit } = asked
  // What is fetched may fetch in its turn.
  visit.fetcher = {
    fetch: (within, next, whose) => fetchBody(house, asked.host, within, asked.carried.request, next, whose),
    openSpool: () => house.spools.spool('response', request.spoolClient, false),
  }
  into.exchange = asked.visit.exchange
  void run(house, asked, into).then(problem => into.end(problem))
  return {
    resume: () => into.resume(),
    status: () => visit.answer?.status ?? 0,
    destroy() {
      into.destroy()
      visit.exchange.leave(new Failure('client_left', 'nobody wants the answer it was for'))
    },
  }
}

// Null: all of it has come.
async function run(house: House, asked: Subrequest, into: ClientWriter): Promise<string | null> {
  const { visit, carried, host } = asked
  const { exchange } = visit
  try {
    const final = await visitSite(host, visit)
    if (final?.kind === 'close') return 'it was closed without an answer'
    if (final !== null) {
      const ended = await send(house, carried.request, visit, final.answer, into)
      return ended instanceof Failure ? ended.message : null
    }
    return visit.answeredWhole ? null : (exchange.failure?.message ?? 'there was no answer')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    exchange.enter('done')
    asked.end()
  }
}

/** Where the answer goes: its head is thrown away, and the rest is the taker's. */
export class WithoutHead implements ClientWriter {
  onWritable: (() => void) | null = null
  flushed = true
  exchange: Exchange | null = null
  #seen = 0
  #taker: BodyTaker | null

  constructor(taker: BodyTaker) {
    this.#taker = taker
  }

  write(bytes: Buffer | string): boolean {
    const of = this.exchange!.headBytesOut - this.#seen
    this.#seen += bytes.length
    this.exchange!.bytesOut += bytes.length
    if (this.#taker === null || bytes.length <= of) return true
    const piece = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    this.flushed = this.#taker.data(of > 0 ? piece.subarray(of) : piece)
    return this.flushed
  }

  resume(): void {
    if (this.flushed) return
    this.flushed = true
    this.#wake()
  }

  end(problem: string | null): void {
    this.#taker?.end(problem)
    this.#taker = null
  }

  destroy(): void {
    this.#taker = null
    this.flushed = true
  }

  #wake(): void {
    const wake = this.onWritable
    this.onWritable = null
    wake?.()
  }
}
