// The pages that stand for a status where the file has none of its own: nginx's in form and words, with our name beneath.
// Owns their bodies; which status it comes to is decided elsewhere.

import { HeaderList } from '../http1/headers.ts'
import { escapeUri } from '../http1/uri.ts'
import type { AnswerHead, LocalAnswer } from '../outcome.ts'
import { isChrome, isExplorer } from '../script/browsers.ts'
import { readVersion } from '../version.ts'
import type { Visit } from '../visit.ts'
import { reasonOf } from './reasons.ts'

/** Titles that are not the status and its phrase. */
const TITLES: Readonly<Record<number, string>> = {
  302: '302 Found',
  401: '401 Authorization Required',
}

/** nginx's own codes, which a client is told as 400, and what is said about them. */
const BAD_REQUESTS: Readonly<Record<number, { title: string; detail: string }>> = {
  494: { title: '400 Request Header Or Cookie Too Large', detail: 'Request Header Or Cookie Too Large' },
  495: { title: '400 The SSL certificate error', detail: 'The SSL certificate error' },
  496: { title: '400 No required SSL certificate was sent', detail: 'No required SSL certificate was sent' },
  497: {
    title: '400 The plain HTTP request was sent to HTTPS port',
    detail: 'The plain HTTP request was sent to HTTPS port',
  },
}

/** Of these, nginx has a page. */
const HAS_PAGE = new Set(
  '301 302 303 307 308 400 401 402 403 404 405 406 408 409 410 411 412 413 414 415 416 421 429 500 501 502 503 504 505 507'
    .split(' ')
    .map(Number),
)

/**
 * @param status any, nginx's own included; one that nginx has no page for has an empty body
 * @param requestId what the page names, where the failure is the shield's own and is in its log by that
 */
export function statusPage(visit: Visit, status: number, requestId = ''): LocalAnswer {
  const special = BAD_REQUESTS[status]
  // 498: somebody was told to wait and did not.
  const shown = special !== undefined ? 400 : status === 498 ? 404 : status
  const headers = new HeaderList()
  const body = HAS_PAGE.has(shown) ? Buffer.from(page(visit, shown, special, requestId), 'latin1') : null
  if (body !== null) headers.add('Content-Type', 'text/html')
  const head: AnswerHead = {
    status: shown,
    reason: reasonOf(shown),
    headers,
    length: body?.length ?? 0,
    lastModified: null,
    rangeable: false,
    passedOn: false,
  }
  return { head, body }
}

/** What stands beneath each page: our name, and our version where `server_tokens` lets it be told. */
export function productName({ settings }: Pick<Visit, 'settings'>): string {
  return settings.serverTokens ? `shieldproxy/${(version ??= readVersion())}` : 'shieldproxy'
}

let version: string | undefined

function page(
  visit: Visit,
  status: number,
  special: { title: string; detail: string } | undefined,
  requestId: string,
): string {
  const heading = TITLES[status] ?? `${status} ${reasonOf(status)}`
  const lines = [
    '<html>',
    `<head><title>${special?.title ?? heading}</title></head>`,
    '<body>',
    `<center><h1>${heading}</h1></center>`,
  ]
  if (special !== undefined) lines.push(`<center>${special.detail}</center>`)
  if (requestId !== '') lines.push(`<center>Request ${escapeHtml(requestId)}</center>`)
  lines.push(`<hr><center>${productName(visit)}</center>`, '</body>', '</html>')
  if (status >= 400 && wantsPadding(visit)) lines.push(...PADDING)
  lines.push('')
  return lines.join('\r\n')
}

// Both show a page of their own in place of one that is shorter than 512 bytes.
function wantsPadding({ settings, headers }: Visit): boolean {
  const agent = settings.msiePadding ? headers.get('user-agent') : undefined
  return agent !== undefined && (isExplorer(agent) || isChrome(agent))
}

const PADDING = Array<string>(6).fill('<!-- a padding to disable MSIE and Chrome friendly error page -->')

/** Leads Internet Explorer elsewhere (`msie_refresh`): a page that redirects, without a status that does. */
export function refreshPage(location: string): LocalAnswer {
  const url = escapeUri(location, 'refresh')
  const text = `<html><head><meta http-equiv="Refresh" content="0; URL=${url}"></head><body></body></html>\r\n`
  const body = Buffer.from(text, 'latin1')
  const headers = new HeaderList()
  headers.add('Content-Type', 'text/html')
  const head = { status: 200, reason: reasonOf(200), headers, length: body.length, lastModified: null }
  return { head: { ...head, rangeable: false, passedOn: false }, body }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, each => `&#${each.charCodeAt(0)};`)
}
