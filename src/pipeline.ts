// The life of one request, from its head to the last byte of its answer: read this first. It puts the rooms in
// order and owns nothing itself. The order is the product: the body before the slot, the slot with the worker's
// connection and not with the client, the answer into a spool that the client empties at its own pace.
//
// Five steps are here; the sixth, its end, is in `ending.ts`. What a worker is given and answers is in `attempt/attempt.ts`.

import { AnswerDeadline } from './answer-deadline.ts'
import { attempt, attemptUpgrade } from './attempt/attempt.ts'
import { end, fail, failureOf } from './ending.ts'
import { Failure } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { answerHealthCheck } from './health-check-answer.ts'
import type { House } from './house.ts'
import { expectsContinue, keepsAlive, namesProtocol } from './http1/connection-fields.ts'
import type { Framing } from './http1/framing.ts'
import type { HeaderList } from './http1/headers.ts'
import type { RequestHead } from './http1/request-head.ts'
import type { ResponseHead } from './http1/response-head.ts'
import type { EdgeConnection } from './listen/edge-connection.ts'
import type { PassRules, RequestInHand } from './passing.ts'
import { BodyIntake } from './request/body.ts'
import { requestId } from './request/request-id.ts'
import { claimsDropped } from './request/worker-head.ts'
import { isIdempotent } from './upstream/retry.ts'

/** Serves one request whose head has come, to its end. Never rejects. */
export async function serve(
  house: House,
  exchange: Exchange,
  head: RequestHead,
  framing: Framing,
  edge: EdgeConnection,
): Promise<void> {
  const request = take(house, exchange, head, framing, edge)
  house.observer.arrived(exchange)
  let failure: Failure | null
  try {
    if (exchange.healthCheck && house.vitals !== null) return answerHealthCheck(house, house.vitals, request)
    failure = refusal(request)
    // Most requests have no body, and nothing to wait for here.
    const receiving = failure === null ? receive(house, request) : null
    if (receiving !== null) failure = await receiving
    if (failure === null) {
      const ended = await workInTime(house, request)
      failure = ended instanceof Failure ? ended : null
    }
  } catch (error) {
    failure = failureOf(error)
  }
  request.intake?.spool.destroy()
  // The upgrade lane ends its exchanges itself, with the connection.
  if (request.handedOver && failure === null) return
  if (failure === null) end(house, exchange, edge, request.keepAlive)
  else fail(house, exchange, failure, edge, request)
}

// 1. Who asks, and for what: into the exchange, for everybody who reports on it.
function take(
  house: House,
  exchange: Exchange,
  head: RequestHead,
  framing: Framing,
  edge: EdgeConnection,
): RequestInHand {
  const { headers } = head
  const trusted = (edge.trusted ??= house.trust.believes(edge.peer))
  const origin = house.trust.identify(edge.peer, trusted, edge.secure, headers)
  exchange.id = requestId(trusted ? headers.get('x-request-id') : undefined)
  if (trusted) exchange.ray = edgeId(headers, house.config.edge.idFields)
  exchange.client = origin.client
  noteHead(house, exchange, head)
  if (claimsDropped(head, origin)) house.claimsDropped(edge.peer)
  return {
    exchange,
    head,
    framing,
    origin,
    edge,
    rules: house.rules,
    expectsContinue: false,
    keepAlive: keepsAlive(head),
    spoolClient: origin.client === edge.peer && house.isGateway(edge.peer) ? null : origin.client,
    intake: null,
    deadline: null,
    handedOver: false,
  }
}

/** What is asked for, into the record of it. */
export function noteHead(house: House, exchange: Exchange, head: RequestHead): void {
  exchange.method = head.method
  exchange.target = head.path
  exchange.host = head.host
  exchange.version = head.minor === 1 ? '1.1' : '1.0'
  exchange.userAgent = head.headers.get('user-agent') ?? ''
  exchange.referer = head.headers.get('referer') ?? ''
  exchange.route = house.routes.of(head.method, exchange.path)
  exchange.healthCheck = house.healthChecks.matches(head.method, head.path)
}

// The edge's own name for the request.
function edgeId(headers: HeaderList, fields: readonly string[]): string {
  for (const field of fields) {
    const id = headers.get(field)
    if (id !== undefined) return id
  }
  return ''
}

// 2. Refused at its head where that can be known, before anybody sends or stores a body for nothing. An expectation
// that cannot be met is thrown.
export function refusal(request: RequestInHand): Failure | null {
  const { exchange, framing, head } = request
  const { admission, maxBody } = request.rules
  request.expectsContinue = expectsContinue(head)
  if (framing.kind === 'length' && framing.length > maxBody) {
    return new Failure('body_too_large', `${framing.length} bytes are announced, ${maxBody} are allowed`)
  }
  const refused = admission.refusal(exchange)
  // It is the queue that it would have waited in, and not its body, that it failed for.
  if (refused !== null) exchange.enter('queued')
  if (refused?.code === 'queue_full') admission.turnedAway(exchange.route)
  return refused
}

// 3. The body, whole, at the client's pace. Without buffering it is only made ready: a worker will wait for it.
export function receive(
  house: House,
  request: RequestInHand,
  rules: Pick<PassRules, 'requestBuffering' | 'maxBody' | 'bodyAllowance'> = request.rules,
): Promise<Failure | null> | null {
  if (request.framing.kind === 'none') return null
  const { exchange, edge } = request
  const { requestBuffering: buffered, maxBody } = rules
  const spool = house.spools.spool('request', request.spoolClient, buffered, rules.bodyAllowance)
  const intake = (request.intake = new BodyIntake(exchange, edge, spool, maxBody))
  if (!buffered) return null
  if (request.expectsContinue) edge.sendContinue()
  exchange.onInterrupt = failure => intake.fail(failure)
  return intake.read().finally(() => {
    exchange.onInterrupt = null
  })
}

// 4. Where the edge's patience is known (--edge), the client hears from us before the edge gives up.
export function workInTime(house: House, request: RequestInHand): Promise<Failure | ResponseHead | null> {
  const within = house.config.edge.answerWithin
  if (within === null) return work(house, request)
  const { exchange, intake } = request
  const deadline = (request.deadline = new AnswerDeadline(exchange, house.workers.clock, within, intake))
  return work(house, request).finally(() => deadline.end())
}

// 5. A slot, a worker, the answer; and once more where that is allowed. Null: the client has its answer. A head: the
// rules took the answer for themselves.
async function work(house: House, request: RequestInHand): Promise<Failure | ResponseHead | null> {
  const { exchange, edge, head, rules } = request
  const upgrade = namesProtocol(head) && rules.passesUpgrade(request)
  const { intake } = request
  exchange.resendable =
    !upgrade &&
    !exchange.healthCheck &&
    isIdempotent(exchange.method) &&
    (intake === null || intake.resendable)
  for (let again = false; ; again = true) {
    const granted = rules.admission.enter(exchange, again, !edge.halfClosed || exchange.goesOnAlone)
    if (granted instanceof Promise && exchange.phase === 'held' && rules.givesStale === true)
      exchange.interrupt(new Failure('upstream_down', 'the upstream is down, and what is kept is given'))
    const slot = granted instanceof Promise ? await granted : granted
    if (slot instanceof Failure) return slot
    if (exchange.forNobody) {
      slot.release()
      return new Failure('client_left', 'the client left while its request waited')
    }
    exchange.upstream = slot.pool.backend.name
    exchange.slot = slot.lane
    const ending = await (upgrade ? attemptUpgrade(house, request, slot) : attempt(house, request, slot))
    if (ending === null) return null
    if (ending.kind === 'taken') return ending.answer
    if (ending.again === null || !rules.goesAgain(exchange, ending.again)) return ending.failure
    if (exchange.attempts > 0) exchange.resendable = false
  }
}
