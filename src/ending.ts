// How a request ends that no worker's answer has ended: with an error answer where the client can still get one, else with
// a cut, so that it never takes a broken answer for whole. Then into the books, and on to the connection's next request.

import { Failure } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { House } from './house.ts'
import { ProtocolError } from './http1/protocol-error.ts'
import type { EdgeConnection } from './listen/edge-connection.ts'
import type { ShedReason } from './observe/observer.ts'
import type { RequestInHand } from './passing.ts'
import { requestId } from './request/request-id.ts'
import { errorAnswer } from './response/error-answer.ts'

/** Answers what could not be read as a request. */
export function refuse(house: House, exchange: Exchange, failure: Failure, edge: EdgeConnection): void {
  exchange.id = requestId(undefined)
  house.observer.arrived(exchange)
  fail(house, exchange, failure, edge, null)
}

/** Ends a request that failed. @param request null: its head was refused */
export function fail(
  house: House,
  exchange: Exchange,
  failure: Failure,
  edge: EdgeConnection,
  request: RequestInHand | null,
): void {
  exchange.fail(failure)
  const { status } = failure.kind
  if (exchange.status !== 0 || status === 0 || !exchange.clientPresent) {
    // An answer has begun, or there is nobody to answer: the connection must not end as if all were well.
    if (exchange.clientPresent && exchange.status !== 0) edge.cut(exchange.endsWithConnection)
    end(house, exchange, edge, false)
    return
  }
  exchange.status = status
  if (failure.kind.retryLater) house.observer.shed(shedReason(failure, house))
  const keepAlive = request != null && mayStay(request, house)
  exchange.enter('delivering')
  const answer = errorAnswer(failure, {
    id: exchange.id,
    method: exchange.method,
    accept: request?.head.headers.get('accept') ?? '',
    keepAlive,
    sayKeepAlive: keepAlive && exchange.version === '1.0',
  })
  if (edge.outlet.write(answer)) {
    end(house, exchange, edge, keepAlive)
    return
  }
  edge.outlet.onWritable = () => end(house, exchange, edge, keepAlive)
}

function shedReason({ code }: Failure, house: House): ShedReason {
  if (house.draining) return 'draining'
  if (code === 'paused') return code
  if (code === 'overloaded') return 'overload'
  return code === 'queue_full' || code === 'queue_timeout' || code === 'edge_timeout' || code === 'spool_full'
    ? code
    : 'upstream_down'
}

/**
 * Whether the client is told that its connection may stay: a word that is kept, as it may send its next request at once. An
 * answer that comes before the request was all read ends the connection: the rest is not wanted.
 */
export function mayStay(
  { keepAlive, edge }: Pick<RequestInHand, 'keepAlive' | 'edge'>,
  { draining }: Pick<House, 'draining'>,
): boolean {
  return keepAlive && edge.requestWhole && !edge.stranded && !draining
}

/** Into the books, and on to the connection's next request. @param keepAlive false: there will be none */
export function end(house: House, exchange: Exchange, edge: EdgeConnection, keepAlive: boolean): void {
  exchange.enter('done')
  house.observer.finished(exchange)
  edge.finish(keepAlive)
}

/** What was thrown, as a failure: one of its own, what is wrong with the message, or a fault of the proxy. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (error instanceof ProtocolError) return new Failure(error.kind, error.detail)
  return new Failure('internal', error instanceof Error ? (error.stack ?? error.message) : String(error))
}
