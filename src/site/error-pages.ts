// What becomes of an error in a site: the page that `error_page` names for it, or our own (nginx's
// ngx_http_special_response_handler). The page itself is another way through the phases.

import type { LocalAnswer, Outcome } from '../outcome.ts'
import { readContentType } from '../response/filters/content-type.ts'
import { refreshPage, statusPage } from '../response/status-page.ts'
import { absoluteLocation } from '../route/absolute-location.ts'
import { type ErrorLead, errorPageFor } from '../route/error-page.ts'
import { isExplorer } from '../script/browsers.ts'
import type { Visit } from '../visit.ts'

/** After these nginx closes: what else the client sent is not to be trusted. */
const CLOSING = new Set([400, 413, 414, 494, 495, 496, 497, 500, 501])

type Trouble = Extract<Outcome, { kind: 'status' | 'redirect' }>

/** Where the visit goes on, or the answer. @param mayHavePage false: our own page, whatever the file says */
export function errorPage(
  visit: Visit,
  trouble: Trouble,
  mayHavePage = true,
): Exclude<Outcome, { kind: 'next' | 'status' | 'redirect' }> {
  const { status } = trouble
  if (status === 444) return { kind: 'close' }
  if (CLOSING.has(status)) visit.closesAfter = true
  visit.fixedStatus = null
  forgetType(visit)
  if (trouble.kind === 'status') note(visit, trouble)
  const lead = mayHavePage ? leadOf(visit, status) : null
  if (lead === null) return { kind: 'answer', answer: ownPage(visit, trouble) }
  visit.errorPage = !visit.settings.recursiveErrorPages
  if (lead.kind === 'redirect') {
    return { kind: 'answer', answer: redirectAnswer(visit, lead.status, lead.location, true) }
  }
  // Whether and how it becomes absolute is for the place to say that answers.
  if (trouble.kind === 'redirect') visit.errorFields.push(['Location', trouble.location])
  visit.fixedStatus = lead.status
  // A page is fetched, whatever was sent; a named location sees the request as it was.
  if (lead.kind === 'jump' && visit.method !== 'HEAD') visit.method = 'GET'
  return lead
}

/** Where the file leads from this error, if a page may still be made for it. */
export function leadOf(visit: Visit, status: number): ErrorLead | null {
  return visit.errorPage || visit.jumpsLeft < 0 ? null : errorPageFor(visit, status)
}

// Of an answer that was to be given in an app's place, the type was of what is not there. nginx forgets it, and not the
// charset that came with it (r->headers_out.content_type.len = 0).
function forgetType(visit: Visit): void {
  for (const [name, value] of visit.errorFields)
    if (name.toLowerCase() === 'content-type')
      visit.charsetLeft = readContentType(value).charset || visit.charsetLeft
  forget(visit, 'content-type')
}

/** What was said of an answer is not to be said of what takes its place. */
function forget(visit: Visit, field: string): void {
  visit.errorFields = visit.errorFields.filter(([name]) => name.toLowerCase() !== field)
}

function note(visit: Visit, { fields, detail }: Extract<Trouble, { kind: 'status' }>): void {
  if (fields !== undefined) visit.errorFields.push(...fields)
  if (detail !== undefined) visit.site.logs.error('error', detail, visit)
}

function ownPage(visit: Visit, trouble: Trouble): LocalAnswer {
  if (trouble.kind === 'redirect') return redirectAnswer(visit, trouble.status, trouble.location)
  forget(visit, 'accept-ranges')
  return statusPage(visit, trouble.status)
}

function redirectAnswer(visit: Visit, status: number, location: string, ofPage = false): LocalAnswer {
  // Of a redirect that this one takes the place of, nothing is left (ngx_http_clear_location).
  forget(visit, 'location')
  forget(visit, 'accept-ranges')
  if (refreshes(visit, status, ofPage)) return refreshPage(location)
  const answer = statusPage(visit, status)
  answer.head.headers.add('Location', absoluteLocation(visit, location))
  return answer
}

// `msie_refresh` (ngx_http_send_refresh): of our own redirects those by 301 and 302 only.
function refreshes({ settings, headers }: Visit, status: number, ofPage: boolean): boolean {
  if (!settings.msieRefresh || !(ofPage || status === 301 || status === 302)) return false
  return isExplorer(headers.get('user-agent') ?? '')
}
