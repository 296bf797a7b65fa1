// The body of a request that a place passes on: the client's, whole or as it comes, or one of the place's own in its stead
// (`proxy_set_body`); and what of it is at hand for `$request_body`.

import type { Settings } from '../config/nginx/settings.ts'
import type { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import type { House } from '../house.ts'
import type { RequestInHand } from '../passing.ts'
import { receive } from '../pipeline.ts'
import { BodyIntake } from '../request/body.ts'
import { keepsLengthBack } from '../request/site-head.ts'
import type { Spool } from '../spool/spool.ts'
import type { Visit } from '../visit.ts'
import type { Site } from './site.ts'

/** Whether the app is given a body at all. */
export function passesBody(visit: Visit): boolean {
  const { passRequestBody, proxyBody, pass } = visit.settings
  return (passRequestBody || proxyBody !== null) && (pass?.family !== 'http' || !keepsLengthBack(visit))
}

const PIECE = 64 * 1024
/** Of a body that goes to the app as it comes, as much is kept for `$request_body` as nginx's buffer for it takes. */
const COPIED = 16 * 1024

/**
 * Has the client's body ready: whole, where it is to be; one that another place has taken in already is used again. It is
 * read wherever something is passed on, as another place may be passed it later. Null: it is there.
 */
export async function bodyReady(
  house: House,
  visit: Visit,
  request: RequestInHand,
  { asksForBody }: Pick<Site, 'asksForBody'>,
): Promise<Failure | null> {
  // What was made for another request has a body only where it was given one.
  if (request.intake !== null || visit.parent !== null) return null
  const failure = await receive(house, request)
  if (failure !== null) return failure
  if (asksForBody && request.rules.requestBuffering) visit.body = atHand(request, visit.settings)
  else if (asksForBody) copyBody(request, visit)
  return null
}

/** The request as the place passes it on: with its body, without one, or with another in its stead. */
export function asPassed(house: House, visit: Visit, request: RequestInHand): RequestInHand {
  const { proxyBody } = visit.settings
  if (!passesBody(visit)) return request.intake === null ? request : { ...request, intake: null }
  return proxyBody === null ? request : { ...request, intake: ownBody(house, request, visit.text(proxyBody)) }
}

/**
 * What of a body lies in memory; null: it has gone to the disk, or there is none (nginx: `$request_body` is empty then). Where
 * the file says how much is kept there that holds, but for a quarter (ngx_http_read_client_request_body).
 */
export function atHand(
  { intake }: RequestInHand,
  { bodyMemory }: Pick<Settings, 'bodyMemory'>,
): Buffer | null {
  if (intake === null || intake.spool.spilled > 0) return null
  if (bodyMemory !== null && intake.spool.size >= bodyMemory * 1.25) return null
  const reader = intake.spool.reader()
  const pieces: Buffer[] = []
  for (let piece = reader.read(PIECE); piece !== null; piece = reader.read(PIECE))
    pieces.push(Buffer.from(piece))
  reader.close()
  return Buffer.concat(pieces)
}

function copyBody({ intake }: RequestInHand, visit: Visit): void {
  intake?.copies(visit.settings.bodyMemory ?? COPIED, body => {
    visit.body = body
  })
}

// `proxy_set_body`: in place of what the client sends.
function ownBody(house: House, request: RequestInHand, text: string): BodyIntake {
  const spool = house.spools.spool('request', request.spoolClient, true)
  spool.write(Buffer.from(text, 'latin1'))
  spool.end()
  return takenIn(request.exchange, request, spool)
}

/** A body that is whole, wherever it comes from, as if the client had sent it. */
export function takenIn(exchange: Exchange, { edge }: RequestInHand, spool: Spool): BodyIntake {
  const intake = new BodyIntake(exchange, edge, spool, Number.MAX_SAFE_INTEGER)
  intake.started = true
  return intake
}
