// The rules by which a place of a site passes a request on: whom to, with what head, how patiently, and what becomes of
// the answer. One for each request that is passed on.

import { isSecure } from '../config/nginx/modules/proxy.ts'
import type { Script } from '../config/nginx/site.ts'
import { Failure } from '../errors.ts'
import { type Exchange, now } from '../exchange.ts'
import type { AdmissionDesk, House, UpstreamGroup } from '../house.ts'
import type { Framing } from '../http1/framing.ts'
import type { HeaderList } from '../http1/headers.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import type { PassRules, Reception, RequestInHand, Travelled } from '../passing.ts'
import { passesUpgrade, siteHead } from '../request/site-head.ts'
import type { Destination } from '../request/site-target.ts'
import type { BodyLength } from '../request/worker-head.ts'
import { asksToStream, type ClientWriter } from '../response/delivery.ts'
import { Discard } from '../response/discard.ts'
import { passesHints } from '../response/early-hints.ts'
import { addFields, trailersOf } from '../response/filters/added-fields.ts'
import { rateOf } from '../response/rate.ts'
import { productName } from '../response/status-page.ts'
import { type UpstreamFields, upstreamFields } from '../response/upstream-fields.ts'
import type { WorkerOptions } from '../upstream/answer-sink.ts'
import {
  countsAgainst,
  isNamed,
  mayTryNext,
  type Trouble,
  troubleOfStatus,
} from '../upstream/next-upstream.ts'
import { type Attempt, mayGoAgain, troubleOf } from '../upstream/retry.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { SecureTerms, UpstreamTls } from '../upstream/upstream-tls.ts'
import type { Visit } from '../visit.ts'
import type { Caching } from './caching.ts'
import { passedOn, type Unwanted } from './client-answer.ts'
import { type GatewayTerms, gatewayTerms } from './gateway-terms.ts'
import { fromCache, makeAbsolute } from './kept-answer.ts'
import { lasts, promised } from './lasting.ts'
import { nearEnd } from './near-end.ts'
import { NOBODY } from './refreshing.ts'
import { Tries } from './upstream-try.ts'

/** Why an answer was not delivered, for whoever makes another in its place. */
export type Taken =
  | { readonly kind: 'kept'; readonly how: 'STALE' | 'REVALIDATED' }
  | { readonly kind: 'unwanted'; readonly outcome: Unwanted }
  | { readonly kind: 'intercepted'; readonly fields: UpstreamFields }
  | { readonly kind: 'redirected'; readonly to: string; readonly fields: UpstreamFields }
  | { readonly kind: 'asked' }

export class PlaceRules implements PassRules {
  readonly admission: AdmissionDesk
  readonly workers: WorkerOptions
  readonly maxBody: number
  requestBuffering: boolean
  readonly responseBuffering: boolean
  readonly saysKeepAlive: number
  /** Null where HTTP is spoken. */
  readonly gateway: GatewayTerms | null
  /** Set when an answer was taken. */
  taken: Taken | null = null
  /** The last try ended for want of a connection or an answer in time. */
  timedOut = false
  readonly #visit: Visit
  readonly #into: ClientWriter | undefined
  readonly #destination: Destination
  readonly #group: UpstreamGroup
  readonly #begunAt = now()
  #request: RequestInHand | null = null
  #upstream: Upstream | null = null
  #tries = 0
  /** What became of the last try, where it became nothing. */
  #failed: Failure | null = null
  /** Why an answer was not taken, between its head and the question whether to go again. */
  #trouble: Trouble | null = null
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
    const { config } = house
    this.#visit = visit
    this.#into = into
    this.#destination = destination
    this.#group = group
    this.gateway = gatewayTerms(visit)
    this.caching = caching
    this.#told = new Tries(visit.tries, group)
    this.admission = group.admission
    this.maxBody = settings.maxBody === 0 ? Number.MAX_SAFE_INTEGER : settings.maxBody
    this.requestBuffering = settings.requestBuffering
    this.responseBuffering = settings.responseBuffering
    this.saysKeepAlive = promised(visit)
    this.workers = {
      ...house.workers,
      connectTimeout: settings.connectTimeout ?? config.connectTimeout,
      readTimeout: settings.readTimeout ?? config.readTimeout,
      workerTimeout: group.workerTimeout,
      tls: isSecure(destination.scheme) ? this.#secure(tls) : null,
      from: nearEnd(visit),
      bareLf: settings.shieldBareLf,
      dialect: this.gateway?.dialect ?? null,
    }
  }

  #secure(tls: UpstreamTls): SecureTerms {
    const { proxyTls } = this.#visit.settings
    const { name } = proxyTls
    const textOf = (script: Script) => this.#visit.text(script)
    return tls.of(proxyTls, name === null ? this.#destination.host : textOf(name), textOf)
  }

  /** The request, to be passed on by these rules. */
  for(request: RequestInHand): RequestInHand {
    const keepAlive = request.keepAlive && lasts(this.#visit)
    // HTTP/1.0 knows no chunks: only of a body that is here the length can be told.
    const { requestBuffering, proxyVersion } = this.#visit.settings
    this.requestBuffering = requestBuffering || (proxyVersion === '1.0' && request.framing.kind === 'chunked')
    return (this.#request = { ...request, keepAlive, rules: this })
  }

  // As nginx has it, the file's word counts: one that passes `Upgrade` on does so without the client's `Connection`, too.
  passesUpgrade({ framing, edge }: RequestInHand): boolean {
    if (this.gateway !== null || this.#visit.parent !== null || edge.reclaimed) return false
    return framing.kind === 'none' && passesUpgrade(this.#visit)
  }

  workerHead(request: RequestInHand, upstream: Upstream, body: BodyLength, upgrade: boolean): string {
    const visit = this.#visit
    this.#upstream = upstream
    this.#tries++
    // Another try is to be somewhere else.
    const { exchange } = request
    exchange.tried = [...(exchange.tried ?? []), upstream.name]
    this.#told.begin(upstream.where)
    const { proxyMethod, passRequestBody } = visit.settings
    const own = proxyMethod === null ? visit.method : visit.text(proxyMethod)
    const method = (this.#method = this.caching?.method ?? own)
    if (this.gateway !== null) return this.gateway.head
    const { target } = this.#destination
    return siteHead(visit, { target, method, body: passRequestBody ? body : 'none', upgrade })
  }

  /** The queue gave the request to nobody. As nginx has it, that is a try as well: at the group itself. */
  noneLeft(failure: Failure): void {
    if (failure.code !== 'upstream_down' || failure === this.#failed) return
    this.#told.noneLeft()
  }

  tried(event: 'connected' | 'head' | 'end', _upstream: Upstream, bytes: Travelled): void {
    this.#told.tell(event, bytes)
  }

  receive(answer: ResponseHead, framing: Framing, upstream: Upstream): Reception {
    const visit = this.#visit
    const { settings } = visit
    this.#told.status(answer.status)
    visit.upstreamHead = { status: answer.status, headers: answer.headers }
    const trouble = troubleOfStatus(answer.status)
    if (trouble !== null && isNamed(trouble, settings)) {
      const intake = this.#request?.intake ?? null
      if (this.#mayTryNext(trouble, intake === null || intake.resendable)) {
        upstream.went(!countsAgainst(trouble, settings))
        this.#trouble = trouble
        return { kind: 'again', failure: new Failure('worker_lost', `it answered ${answer.status}`) }
      }
    }
    // What goes to the client is an answer, whatever it says (ngx_http_upstream_test_next).
    upstream.went(true)
    const caching = this.caching
    const how = caching?.instead(answer, trouble) ?? null
    if (how !== null) return this.#take({ kind: 'kept', how })
    const unread = visit.parent !== null && this.#into === undefined
    if (unread && caching?.cacheable !== true) return this.#take({ kind: 'asked' })
    const into = unread ? NOBODY : this.#into
    const fields = upstreamFields(visit, answer, framing)
    if (this.#takes(fields, answer.status)) return { kind: 'take' }
    if (fields.relocated) makeAbsolute(visit, fields.head)
    if (caching?.settle() === true) fromCache(fields.head, 'filling')
    const made = passedOn(visit, fields.head)
    if ('kind' in made) return this.#take({ kind: 'unwanted', outcome: made })
    const { head, framing: out, filter } = made
    const buffering = (fields.buffering ?? settings.responseBuffering) && !asksToStream(answer.headers)
    // One of which no such part is there is not kept, as with nginx.
    const keeps = buffering && head.status !== 416
    const copy = caching?.fill(answer, framing, keeps, this.#method === 'HEAD') ?? null
    if (unread && copy === null) return this.#take({ kind: 'asked' })
    this.askedHead = unread ? answer : null
    // A HEAD that was passed on as something else has an answer with a body.
    const dropped = out.kind === 'none' && framing.kind !== 'none'
    const trailers =
      fields.head.trailing === true ? () => (visit.main.trailers = trailersOf(visit, fields.head)) : undefined
    return {
      kind: 'deliver',
      ...(trailers && { trailers }),
      ...(into && { into }),
      head,
      framing: out,
      filter: dropped ? new Discard() : filter,
      buffering,
      rate: into === undefined ? rateOf(visit) : null,
      copy,
      chunks: settings.chunkedAnswers,
    }
  }

  passesInterim({ status }: ResponseHead): boolean {
    return status !== 103 || passesHints(this.#visit)
  }

  receiveUpgrade(answer: ResponseHead): HeaderList | null {
    const visit = this.#visit
    this.#told.status(answer.status)
    visit.upstreamHead = { status: answer.status, headers: answer.headers }
    const fields = upstreamFields(visit, answer, { kind: 'none' })
    if (answer.status !== 101 && this.#takes(fields, answer.status)) return null
    const head = (visit.answer = fields.head)
    addFields(visit, head)
    if (!head.headers.has('server')) head.headers.add('Server', productName(visit))
    return head.headers
  }

  #take(taken: Taken): Reception {
    this.taken = taken
    return { kind: 'take' }
  }

  // The client is answered otherwise; also where a page is being made already: it is not for what the app says.
  #takes(fields: UpstreamFields, status: number): boolean {
    const { accelRedirect: to } = fields
    const { interceptErrors, errorPages } = this.#visit.settings
    if (to !== null) this.taken = { kind: 'redirected', to, fields }
    else if (status >= 300 && interceptErrors && errorPages.some(({ codes }) => codes.includes(status))) {
      this.caching?.noteError(status)
      this.taken = { kind: 'intercepted', fields }
    }
    return this.taken !== null
  }

  // None else could be had when it came to one for the second time.
  #left(): number {
    const tried = this.#visit.exchange.tried ?? []
    return new Set(tried).size < tried.length ? 0 : this.#group.left(tried)
  }

  #mayTryNext(trouble: Trouble, resendable: boolean, sent = true): boolean {
    const visit = this.#visit
    const left = this.#left()
    const tried = { trouble, method: visit.method, sent, resendable, tries: this.#tries, left }
    return mayTryNext(visit.settings, { ...tried, elapsedMs: now() - this.#begunAt })
  }

  // For one that is silent as for one that refuses: the others first, and then as long as the file says.
  #mayWaitFurther(): boolean {
    return now() - this.#begunAt < this.#group.hold || this.#left() > 0
  }

  get outlivesClient(): boolean {
    return this.caching?.cacheable === true
  }

  get givesStale(): boolean {
    return this.caching?.standsIn('error') === true
  }

  /** What the file says, and beyond it what the shield does for a worker that died at random. */
  goesAgain(exchange: Exchange, attempt: Attempt): boolean {
    this.timedOut = attempt.timedOut
    this.#failed = attempt.failure
    if (this.#told.current?.status === 0) this.#told.status(troubleOf(attempt) === 'timeout' ? 504 : 502)
    if (!exchange.clientPresent || attempt.failure.code === 'near_end') return false
    if (attempt.nothingSent) {
      // Without a hold it is nginx's to say what is next; where there is no room for a connection it is the queue's.
      if ((this.#group.hold === 0 && !attempt.full) || this.givesStale)
        return this.#mayTryNext(troubleOf(attempt), attempt.resendable, false)
      return !attempt.timedOut || this.#mayWaitFurther()
    }
    const trouble = this.#trouble ?? troubleOf(attempt)
    if (this.#trouble === null) this.#upstream?.went(false)
    this.#trouble = null
    if (this.#mayTryNext(trouble, attempt.resendable)) return true
    // Where the file says for what, and that is not among it, that is obeyed.
    if (!isNamed('error', this.#visit.settings)) return false
    return mayGoAgain(exchange, attempt, this.#group.workerTimeout)
  }
}
