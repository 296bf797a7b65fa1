// The rules by which a place of a site passes a request on: whom to, with what head, how patiently, and what becomes of
// the answer. One for each request that is passed on. Whether it is tried again is `next-try.ts`'s to say.

import { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import type { AdmissionDesk, House, UpstreamGroup } from '../house.ts'
import type { Framing } from '../http1/framing.ts'
import type { HeaderList } from '../http1/headers.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import type { AnswerCopy, PassRules, Reception, RequestInHand, Travelled } from '../passing.ts'
import { passedUpgrade, siteHead } from '../request/site-head.ts'
import type { Destination } from '../request/site-target.ts'
import type { BodyLength } from '../request/worker-head.ts'
import { isStream } from '../response/asks-to-stream.ts'
import type { ClientWriter } from '../response/delivery.ts'
import { Discard } from '../response/discard.ts'
import { passesHints } from '../response/early-hints.ts'
import { addFields, trailersOf } from '../response/filters/added-fields.ts'
import { rateOf, sizeOf } from '../response/rate.ts'
import { productName } from '../response/status-page.ts'
import { type UpstreamFields, upstreamFields } from '../response/upstream-fields.ts'
import type { Allowance } from '../spool/allowance.ts'
import type { WorkerOptions } from '../upstream/answer-sink.ts'
import { type Attempt, troubleOf } from '../upstream/retry.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { UpstreamTls } from '../upstream/upstream-tls.ts'
import type { Visit } from '../visit.ts'
import { answerAllowance, bodyAllowance } from './allowances.ts'
import type { Caching } from './caching.ts'
import { passedOn } from './client-answer.ts'
import { type GatewayTerms, gatewayTerms } from './gateway-terms.ts'
import { fromCache, makeAbsolute } from './kept-answer.ts'
import { lasts, promised } from './lasting.ts'
import { NextTry } from './next-try.ts'
import { passesBody } from './passed-body.ts'
import { NOBODY } from './refreshing.ts'
import { storeAnswer, stores } from './storing.ts'
import { type Taken, takenBy } from './unanswered.ts'
import { Tries } from './upstream-try.ts'
import { workerTerms } from './worker-terms.ts'

export class PlaceRules implements PassRules {
  readonly admission: AdmissionDesk
  readonly workers: WorkerOptions
  readonly maxBody: number
  requestBuffering: boolean
  readonly responseBuffering: boolean
  readonly bodyAllowance: Allowance
  readonly answerAllowance: Allowance
  readonly saysKeepAlive: number
  /** Null where HTTP is spoken. */
  readonly gateway: GatewayTerms | null
  /** Set when an answer was taken. */
  taken: Taken | null = null
  readonly #visit: Visit
  readonly #into: ClientWriter | undefined
  readonly #destination: Destination
  #request: RequestInHand | null = null
  readonly #next: NextTry
  readonly #told: Tries
  #method = ''
  /** The answer that was delivered to nobody, for whoever asks for its head. */
  askedHead: ResponseHead | null = null
  /** What its cache has to do with it; null: it has none. */
  readonly caching: Caching | null

  /** @param into who gets the answer of a visit that was made for another one; absent: nobody does */
  constructor(
    house: House,
    visit: Visit,
    destination: Destination,
    group: UpstreamGroup,
    tls: UpstreamTls,
    caching: Caching | null,
    into?: ClientWriter,
  ) {
    const { settings } = visit
    this.#visit = visit
    this.#into = into
    this.#destination = destination
    this.gateway = gatewayTerms(visit)
    this.caching = caching
    this.#next = new NextTry(visit, group)
    this.#told = new Tries(visit.tries, group)
    this.admission = group.admission
    this.maxBody = settings.maxBody === 0 ? Number.MAX_SAFE_INTEGER : settings.maxBody
    this.requestBuffering = settings.requestBuffering
    this.responseBuffering = settings.responseBuffering
    this.bodyAllowance = bodyAllowance(settings)
    this.answerAllowance = answerAllowance(settings)
    this.saysKeepAlive = promised(visit)
    this.workers = workerTerms(house, visit, destination, group, tls, this.gateway?.dialect ?? null)
  }

  /** The request, to be passed on by these rules. */
  for(request: RequestInHand): RequestInHand {
    const keepAlive = request.keepAlive && lasts(this.#visit)
    // HTTP/1.0 knows no chunks: only of a body that is here the length can be told.
    const { requestBuffering, proxyVersion, proxyBody } = this.#visit.settings
    const whole = requestBuffering || !passesBody(this.#visit) || proxyBody !== null
    this.requestBuffering = whole || (proxyVersion === '1.0' && request.framing.kind === 'chunked')
    return (this.#request = { ...request, keepAlive, rules: this })
  }

  // As nginx has it, the file's word counts: one that passes `Upgrade` on does so without the client's `Connection`, too.
  passesUpgrade({ framing, edge }: RequestInHand): boolean {
    if (this.gateway !== null || this.#visit.parent !== null || edge.reclaimed) return false
    return framing.kind === 'none' && passedUpgrade(this.#visit) !== null
  }

  workerHead(_request: RequestInHand, upstream: Upstream, body: BodyLength, upgrade: boolean): string {
    const visit = this.#visit
    this.#next.begin(upstream)
    this.#told.begin(upstream.where)
    const { proxyMethod } = visit.settings
    const own = proxyMethod === null ? visit.method : visit.text(proxyMethod)
    const method = (this.#method = this.caching?.method ?? own)
    if (this.gateway !== null) return this.gateway.head
    const { target } = this.#destination
    const options = { target, method, body: passesBody(visit) ? body : 'none', upgrade } as const
    return this.#told.unknownTo(() => siteHead(visit, options))
  }

  /** The queue gave the request to nobody. As nginx has it, that is a try as well: at the group itself. */
  noneLeft(failure: Failure): void {
    if (failure.code !== 'upstream_down') return
    if (failure === this.#next.failed) this.#told.restAway()
    else this.#told.noneLeft()
  }

  tried(event: 'connected' | 'head' | 'end', _upstream: Upstream, bytes: Travelled): void {
    this.#told.tell(event, bytes)
  }

  trailing(trailers: HeaderList): void {
    this.#visit.upstreamTrailers = trailers
  }

  receive(answer: ResponseHead, framing: Framing, upstream: Upstream): Reception {
    const visit = this.#visit
    const { settings } = visit
    this.#told.status(answer.status)
    this.#note(answer)
    const intake = this.#request?.intake ?? null
    if (this.#next.passesOver(answer.status, upstream, intake === null || intake.resendable))
      return { kind: 'again', failure: new Failure('worker_lost', `it answered ${answer.status}`) }
    const caching = this.caching
    const how = caching?.instead(answer) ?? null
    if (how !== null) return this.#take({ kind: 'kept', how })
    const unread = visit.parent !== null && this.#into === undefined
    const into = unread ? NOBODY : this.#into
    const fields = upstreamFields(visit, answer, framing)
    // Where it leads, what is said there counts.
    if (unread && !this.#mayBeKept && fields.accelRedirect === null) return this.#take({ kind: 'asked' })
    if (this.#takes(fields, answer.status)) return { kind: 'take' }
    if (fields.relocated) makeAbsolute(visit, fields.head)
    this.gateway?.complete(fields.head)
    if (caching?.settle() === true) fromCache(fields.head, 'filling')
    const made = passedOn(visit, fields.head)
    if ('kind' in made) return this.#take({ kind: 'unwanted', outcome: made })
    const { head, framing: out, filter } = made
    const buffering = (fields.buffering ?? settings.responseBuffering) && !isStream(answer.headers)
    // One of which no such part is there is not kept, as with nginx.
    const cut = head.status === 416 && answer.status !== 416
    const copy = this.#copy(answer, framing, buffering && !cut)
    if (unread && copy === null) return this.#take({ kind: 'asked' })
    this.askedHead = unread ? answer : null
    // A HEAD that was passed on as something else has an answer with a body.
    const dropped = out.kind === 'none' && framing.kind !== 'none'
    const trailers =
      fields.head.trailing === true ? () => (visit.main.trailers = trailersOf(visit, fields.head)) : undefined
    if (visit.main.exchange.method !== 'HEAD') this.#told.read()
    return {
      kind: 'deliver',
      ...(trailers && { trailers }),
      ...(into && { into }),
      head,
      framing: out,
      filter: dropped ? new Discard() : filter,
      buffering,
      rate: into === undefined ? rateOf(visit) : null,
      takeRate: buffering ? sizeOf(visit, settings.proxyLimitRate) : 0,
      copy,
      chunks: settings.chunkedAnswers,
    }
  }

  #note({ status, headers }: ResponseHead): void {
    this.#visit.upstreamHead = { status, headers, http: this.gateway === null }
  }

  passesInterim({ status }: ResponseHead): boolean {
    return status !== 103 || passesHints(this.#visit)
  }

  receiveUpgrade(answer: ResponseHead): HeaderList | null {
    const visit = this.#visit
    this.#told.status(answer.status)
    this.#note(answer)
    const fields = upstreamFields(visit, answer, { kind: 'none' })
    if (answer.status !== 101 && this.#takes(fields, answer.status)) return null
    const head = (visit.answer = fields.head)
    addFields(visit, head)
    if (!head.headers.has('server')) head.headers.add('Server', productName(visit))
    return head.headers
  }

  #copy(answer: ResponseHead, framing: Framing, keeps: boolean): AnswerCopy | null {
    const headOnly = this.#method === 'HEAD'
    if (this.caching !== null) return this.caching.fill(answer, framing, keeps, headOnly)
    return keeps ? storeAnswer(this.#visit, answer, headOnly) : null
  }

  #take(taken: Taken): Reception {
    this.taken = taken
    return { kind: 'take' }
  }

  #takes(fields: UpstreamFields, status: number): boolean {
    this.taken = takenBy(this, this.#visit, fields, status)
    return this.taken !== null
  }

  get outlivesClient(): boolean {
    return this.#mayBeKept || this.#visit.exchange.goesOnAlone
  }

  get #mayBeKept(): boolean {
    return this.caching?.cacheable === true || stores(this.#visit)
  }

  get hasNoWorkers(): boolean {
    return this.#visit.settings.pass?.family === 'memcached'
  }

  get givesStale(): boolean {
    return this.caching?.standsIn('error') === true
  }

  goesAgain(exchange: Exchange, attempt: Attempt): boolean {
    if (this.#told.current?.status === 0) this.#told.status(troubleOf(attempt) === 'timeout' ? 504 : 502)
    return this.#next.follows(exchange, attempt, this.givesStale)
  }

  /** The last try ended for want of a connection or an answer in time. */
  get timedOut(): boolean {
    return this.#next.timedOut
  }
}
