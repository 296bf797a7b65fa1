// A body that cannot be had any more: it was too large or malformed, or a part of it went to an app that did not answer.
// What goes on is the request without it: an error page's app is not to be sent what is left of it.

import type { RequestInHand } from '../passing.ts'
import type { Visit } from '../visit.ts'

/** Whether another place can be passed the body, or nobody has begun to read it. */
export function hasBody({ intake }: RequestInHand): boolean {
  return intake === null || !intake.started || (intake.whole && intake.resendable)
}

/** The request from here on. */
export function withoutBody(visit: Visit, request: RequestInHand): RequestInHand {
  const { intake } = request
  request.edge.discardBody()
  intake?.spool.destroy()
  // One that came whole stays what it was, for those who only want to know it.
  if (intake?.whole !== true) visit.body = null
  visit.lengthAnnounced ??= visit.headers.get('content-length') ?? null
  visit.headers.delete('content-length')
  visit.headers.delete('transfer-encoding')
  return { ...request, framing: { kind: 'none' }, intake: null, expectsContinue: false }
}
