// How a request goes out to its worker: its head, with a body of what length, and the body itself where it was not taken in
// before. Decides nothing.

import { Failure } from '../errors.ts'
import type { RequestInHand } from '../passing.ts'
import type { BodyIntake } from '../request/body.ts'
import { announcedLength, type BodyLength } from '../request/worker-head.ts'
import type { Delivery } from '../response/delivery.ts'
import { CHUNKED, OutgoingBody } from '../upstream/outgoing-body.ts'
import { OutgoingRequest } from '../upstream/outgoing-request.ts'
import type { Upstream } from '../upstream/upstream.ts'

/** The worker is there: now the client may send what was not buffered before. */
export function stream(request: RequestInHand, intake: BodyIntake, delivery: Delivery): void {
  if (request.expectsContinue) request.edge.sendContinue()
  intake.read().then(failure => {
    if (failure === null) request.deadline?.requestWhole()
    else if (!delivery.started) delivery.abandon(failure)
  })
}

/** How the body of a request travels that is ready to be sent. */
export function bodyLength(request: RequestInHand): BodyLength {
  const { intake, framing } = request
  if (intake === null) return 'none'
  return intake.whole ? intake.spool.size : announcedLength(framing)
}

/** Told for whom the body waits just now. */
export type BodyWaits = (forWhom: 'worker' | 'bytes') => void

/** What goes to this worker by the rules of its place: the head, and the body where there is one. */
export function outgoingTo(
  upstream: Upstream,
  request: RequestInHand,
  waits: BodyWaits,
  delivery: Delivery,
): OutgoingRequest {
  const { intake, rules } = request
  const body = intake === null ? null : bodyOut(request, intake, waits, delivery)
  return new OutgoingRequest(rules.workerHead(request, upstream, bodyLength(request), false), body)
}

function bodyOut(
  request: RequestInHand,
  { spool }: BodyIntake,
  waits: BodyWaits,
  delivery: Delivery,
): OutgoingBody {
  const { dialect } = request.rules.workers
  const coding = dialect?.coding ?? (bodyLength(request) === 'chunked' ? CHUNKED : null)
  const failed = (detail: string) => delivery.abandon(new Failure('spool_full', detail))
  return new OutgoingBody(spool, coding, waits, failed)
}
