// A request of a site from its head to its end: made a visit, sent through the phases, delivered. The counterpart of
// `pipeline.ts` where a file describes what is served; that of `ending.ts` is `visit-end.ts`.

import { applyRealIp } from '../access/real-ip.ts'
import { announced } from '../disk/placing.ts'
import { failureOf } from '../ending.ts'
import { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import type { BodyTaker, Fetcher, SliceFetched } from '../fetcher.ts'
import { store } from '../files/files.ts'
import { answerHealthCheck } from '../health-check-answer.ts'
import type { House } from '../house.ts'
import type { Framing } from '../http1/framing.ts'
import type { RequestHead } from '../http1/request-head.ts'
import type { EdgeConnection } from '../listen/edge-connection.ts'
import { type LocalAnswer, letGo, type Outcome } from '../outcome.ts'
import type { Spool } from '../spool/spool.ts'
import type { Visit } from '../visit.ts'
import { type Arrival, arrive } from './arriving.ts'
import { arriveUnread } from './arriving-unread.ts'
import { ask, askAfterwards } from './asking.ts'
import { takeInEarly } from './early-body.ts'
import { errorPage } from './error-pages.ts'
import { fetchBody } from './fetching.ts'
import { withoutBody } from './lost-body.ts'
import { mirror } from './mirroring.ts'
import { type Carried, passOn } from './passing-on.ts'
import { send } from './sending.ts'
import type { Site } from './site.ts'
import { fetchSlice } from './slicing.ts'
import { endVisit } from './visit-end.ts'
import { type Final, type VisitHost, visitSite } from './visiting.ts'
import { takeWhole } from './written-body.ts'

/** Serves one request whose head has come, to its end. Never rejects. */
export async function serveSite(
  house: House,
  site: Site,
  exchange: Exchange,
  head: RequestHead,
  framing: Framing,
  edge: EdgeConnection,
): Promise<void> {
  const arrival = arrive(house, site, exchange, head, framing, edge)
  house.observer.arrived(exchange)
  if (exchange.healthCheck && house.vitals !== null) {
    answerHealthCheck(house, house.vitals, arrival.request)
    return
  }
  await new Serving(house, site, arrival).serve()
}

/** Answers what could not be read as a request. */
export async function refuseInSite(
  house: House,
  site: Site,
  exchange: Exchange,
  failure: Failure,
  edge: EdgeConnection,
): Promise<void> {
  const serving = new Serving(house, site, arriveUnread(house, site, exchange, failure, edge))
  house.observer.arrived(exchange)
  exchange.fail(failure)
  await serving.serve(exchange.clientPresent)
}

class Serving implements VisitHost, Fetcher {
  readonly site: Site
  readonly ask: VisitHost['ask']
  readonly #house: House
  readonly #visit: Visit
  readonly #carried: Carried
  readonly #releases: (() => void)[] = []
  readonly #refused: Outcome | null
  /** Copies that other places of the site have. */
  readonly #copies: Promise<void>[] = []
  #closes = false

  constructor(house: House, site: Site, { visit, request, refused }: Arrival) {
    this.site = site
    this.#house = house
    this.#visit = visit
    this.#carried = { request }
    this.#refused = refused === null ? null : { kind: 'status', status: refused }
    visit.fetcher = this
    this.ask = uri => ask(house, this, visit, request, uri)
  }

  /** To its end, whatever happens on the way. @param wanted false: nobody is left to be answered */
  async serve(wanted = true): Promise<void> {
    try {
      if (wanted) await this.#run()
    } catch (error) {
      await this.#failed(error)
    }
    const { postAction } = this.#visit.settings
    if (postAction !== '' && wanted) await this.#afterwards(postAction)
    if (this.#copies.length > 0) await Promise.all(this.#copies)
    // Whoever sees the connection end, or asks again on it, finds the file there, as with nginx.
    const { storedAt } = this.#visit
    if (storedAt !== '') await announced(storedAt)
    // So is what is made anew, where no other request can come on it, which would have to wait.
    const { remade, request } = this.#carried
    if (remade !== undefined && !request.keepAlive) await remade
    for (const release of this.#releases) release()
    endVisit(this.#house, this.site, this.#visit, this.#carried.request, this.#closes)
  }

  async #run(): Promise<void> {
    const visit = this.#visit
    let begin = this.#refused
    // What is refused before it comes to a phase is the connection's, whoever it says it is.
    if (begin === null) {
      applyRealIp(visit)
      visit.exchange.client = visit.client
    }
    if (begin === null && visit.server.settings.clientBodyEarlyRead.length > 0)
      begin = await takeInEarly(this.#house, visit, this.#carried)
    const final = await visitSite(this, visit, begin)
    if (final !== null) await this.#deliver(final)
  }

  /** VisitHost */
  pass(visit: Visit): Promise<Outcome | null> {
    this.#carried.request.edge.during(visit.settings)
    if (visit.closesAfter) this.#carried.request.keepAlive = false
    return passOn(this.#house, this.site, visit, this.#carried)
  }

  /** VisitHost */
  store(visit: Visit): Promise<Outcome> {
    return store(visit, () => takeWhole(this.#house, visit, this.#carried))
  }

  /** VisitHost */
  mirror(visit: Visit): Promise<Outcome> {
    return mirror(this.#house, this, visit, this.#carried, copy => this.#copies.push(copy))
  }

  /** VisitHost */
  counts(): LocalAnswer {
    return this.site.stubStatus()
  }

  /** VisitHost */
  dropBody(visit: Visit): void {
    this.#carried.request = withoutBody(visit, this.#carried.request)
  }

  /** VisitHost */
  atEnd(release: () => void): void {
    this.#releases.push(release)
  }

  /** Fetcher */
  fetch(...[visit, to, taker]: Parameters<Fetcher['fetch']>): ReturnType<Fetcher['fetch']> {
    return fetchBody(this.#house, this, visit, this.#carried.request, to, taker)
  }

  /** Fetcher */
  slice(visit: Visit, start: number, taker: BodyTaker): SliceFetched {
    return fetchSlice(this.#house, this.site, visit, this.#carried.request, start, taker)
  }

  /** Fetcher */
  openSpool(): Spool {
    return this.#house.spools.spool('response', this.#carried.request.spoolClient, false)
  }

  // The connection waits for it, as with nginx; what comes of it is nobody's.
  async #afterwards(to: string): Promise<void> {
    const { request } = this.#carried
    if (this.#closes || request.handedOver) return
    try {
      await askAfterwards(this.#house, this, this.#visit, request, to)
    } catch (error) {
      const { message } = failureOf(error)
      this.site.logs.error('error', `post_action failed: ${message}`, this.#visit)
    }
  }

  async #deliver(final: Final): Promise<void> {
    const { exchange } = this.#visit
    if (!exchange.clientPresent) {
      this.#closes = final.kind === 'close'
      this.#missed()
      if (final.kind === 'answer') await letGo(final.answer)
      return
    }
    if (final.kind === 'close') {
      // nginx's own status for an answer that nobody gets (NGX_HTTP_CLOSE).
      exchange.status = final.status ?? 444
      this.#closes = true
      return
    }
    this.#carried.request.edge.during(this.#visit.settings)
    const wrong = this.#discarded(final)
    if (wrong !== null) {
      await letGo(final.answer)
      await this.#instead({ kind: 'status', status: wrong })
      return
    }
    if (this.#visit.closesAfter) this.#carried.request.keepAlive = false
    const ended = await send(this.#house, this.#carried.request, this.#visit, final.answer)
    if (ended === null) this.#visit.answeredWhole = true
    else if (ended instanceof Failure) exchange.fail(ended)
    else await this.#instead(ended)
  }

  async #instead(trouble: Outcome): Promise<void> {
    const final = await visitSite(this, this.#visit, trouble)
    if (final !== null) await this.#deliver(final)
  }

  // The client went while it was made to wait, or while another place was asked (NGX_HTTP_CLIENT_CLOSED_REQUEST).
  #missed(): void {
    const { exchange } = this.#visit
    if (exchange.failure !== null) return
    exchange.fail(new Failure('client_left', 'the client left before there was an answer for it'))
    exchange.status = 499
  }

  // What the client still sends of a body is not wanted. Where what is here of it is wrong, an answer that is no error
  // gives way to one, whose status this is.
  #discarded({ answer }: Extract<Final, { kind: 'answer' }>): number | null {
    const { edge, framing } = this.#carried.request
    const failure = edge.discardBody()
    const { internal, settings } = this.#visit
    if (internal || answer.head.status >= 400) return null
    if (failure !== null) return failure.kind.status
    // What was announced the place has looked at; what the server itself says comes before any place.
    if (framing.kind !== 'chunked' || settings.maxBody === 0) return null
    return edge.bodyReceived > settings.maxBody ? 413 : null
  }

  // An error of ours, or one that an answer had not begun before.
  async #failed(error: unknown): Promise<void> {
    const { exchange } = this.#visit
    exchange.fail(failureOf(error))
    if (exchange.status !== 0 || !exchange.clientPresent) return
    const final = errorPage(this.#visit, { kind: 'status', status: 500 }, false) as Final
    await this.#deliver(final)
  }
}
