// Variables of what the client is answered (ngx_http_core_module, ngx_http_gzip_module). Of a request that was made for
// another one, that one's answer; `$status` and the fields tell of its own once it is there.

import { UNANSWERED } from '../../outcome.ts'
import type { Variable, Visit } from '../../visit.ts'
import { fieldValue } from './prefixes.ts'

export const answerVariables: Readonly<Record<string, Variable>> = {
  status: ofAnswer(visit => String(statusOf(visit)).padStart(3, '0')),
  bytes_sent: ({ main }) => String(main.exchange.bytesOut),
  body_bytes_sent: ({ main }) => String(main.bodyBytesSent),
  request_completion: ({ main }) => (main.exchange.phase === 'done' && isWhole(main) ? 'OK' : ''),
  gzip_ratio: ({ main }) => (main.gzipRatio === 0 ? null : main.gzipRatio.toFixed(2)),
  // The answer's own, which comes first; one that `add_header` adds is another field to nginx.
  sent_http_content_type: ofAnswer(({ answer }) => answer?.headers.get('content-type') ?? null),
  sent_http_content_length: ofAnswer(visit => sent(visit, 'content-length') ?? lengthOf(visit)),
  sent_http_last_modified: ofAnswer(visit => sent(visit, 'last-modified') ?? modifiedOf(visit)),
  // Nobody is sent what was asked of another place: nginx has it end with its connection, and in no chunks.
  sent_http_connection: ofAnswer(visit =>
    visit.parent !== null ? 'close' : (sent(visit, 'connection') ?? connectionOf(visit)),
  ),
  sent_http_transfer_encoding: ofAnswer(visit =>
    visit.parent !== null ? null : (sent(visit, 'transfer-encoding') ?? codingOf(visit)),
  ),
}

/** Of the answer of what was asked of another place, once it is there; else of the client's. */
function ofAnswer(of: Variable): Variable {
  return visit => of(visit.answer === null ? visit.main : visit)
}

/** Once the answer is known, its own; before, that of the error it is a page for; and where nobody gets one, why. */
function statusOf({ answer, fixedStatus, exchange }: Visit): number {
  if (fixedStatus !== null) return fixedStatus
  if (answer !== null) return answer.status
  if (exchange.status !== 0 || exchange.failure === null) return exchange.status
  // Whoever left is answered nothing: NGX_HTTP_BAD_REQUEST while the request was read, then NGX_HTTP_CLIENT_CLOSED_REQUEST.
  const incomplete = exchange.uploading || exchange.failedIn === 'receiving'
  return exchange.failure.kind.status || (incomplete ? 400 : 499)
}

// An error is answered by a page, which may be as whole as any answer; `return 444` is none.
function isWhole({ answeredWhole, answer, exchange }: Visit): boolean {
  return answeredWhole || (exchange.failure === null && (answer !== null || !UNANSWERED.has(exchange.status)))
}

function sent({ answer }: Visit, lower: string): string | null {
  return fieldValue(answer?.headers ?? null, lower)
}

function lengthOf({ answer }: Visit): string | null {
  return answer === null || answer.length === null || answer.trailing === true ? null : String(answer.length)
}

function modifiedOf({ answer }: Visit): string | null {
  return answer === null || answer.lastModified === null ? null : new Date(answer.lastModified).toUTCString()
}

function connectionOf({ answer }: Visit): string | null {
  if (answer === null) return null
  return answer.status === 101 ? 'upgrade' : 'keep-alive'
}

function codingOf({ answer, head }: Visit): string | null {
  if (answer === null || head.minor === 0) return null
  // What is followed by fields goes in chunks, however long it is known to be.
  if (answer.length !== null && answer.trailing !== true) return null
  return answer.status === 204 || answer.status === 304 || head.method === 'HEAD' ? null : 'chunked'
}
