// The phases of a request in a site, in nginx's order: read this after `pipeline.ts`. Rewrites of the server, the
// location, its rewrites, limits, access, files that are tried, and then the content; and the way round again where one
// of them says so. What each phase decides is its room's; in which order they are asked stands here.

import { checkAccess } from '../access/access.ts'
import { applyRealIp } from '../access/real-ip.ts'
import { isStored, serveFiles, tryFiles } from '../files/files.ts'
import { type LocalAnswer, NEXT, type Outcome } from '../outcome.ts'
import { runRewrites } from '../rewrite/rewriting.ts'
import { slashLocation } from '../route/absolute-location.ts'
import { noteCaptures } from '../script/captures.ts'
import type { Visit } from '../visit.ts'
import { errorPage } from './error-pages.ts'
import type { Site } from './site.ts'

/** What a visit comes to for whoever delivers it. */
export type Final = Extract<Outcome, { kind: 'answer' | 'close' }>

/** What makes content that is not made here. */
export interface VisitHost {
  readonly site: Site
  /** Passes the request on as its place says. Null: it has been delivered from there. */
  pass(visit: Visit): Promise<Outcome | null>
  /** The page of counts. */
  counts(): LocalAnswer
  /** What the client sends as a body is not taken in, whoever serves the visit from here on. */
  dropBody(visit: Visit): void
  /** Writes down, removes, copies or moves what the request names. */
  store(visit: Visit): Promise<Outcome>
  /** Gives other places copies of the request. Settles with what it comes to itself: mostly that it goes on. */
  mirror(visit: Visit): Promise<Outcome>
  /** Asks another place of the site what it says (auth_request). */
  readonly ask: Parameters<typeof checkAccess>[1]
  /** Called once the request is over. */
  atEnd(release: () => void): void
}

type Step = 'server' | 'location' | 'rewrites' | 'content'
const AFTER: Readonly<Record<Step, Step>> = {
  server: 'location',
  location: 'rewrites',
  rewrites: 'content',
  content: 'content',
}

/**
 * Goes through the phases until there is something to deliver. Null: it has been delivered.
 * @param begin what a request comes to that does not begin with the first of them
 */
export async function visitSite(
  host: VisitHost,
  visit: Visit,
  begin: Outcome | null = null,
): Promise<Final | null> {
  let step: Step = 'server'
  let before = begin
  for (;;) {
    let outcome: Outcome | null = before ?? (await STEPS[step](host, visit))
    before = null
    if (outcome === null) return null
    if (outcome.kind === 'next') {
      step = AFTER[step]
      continue
    }
    // What a rewrite leads to is located anew, without the server's own rewrites.
    const rewritten: boolean = outcome.kind === 'jump' && step !== 'content'
    if (outcome.kind === 'status' || outcome.kind === 'redirect') outcome = errorPage(visit, outcome)
    if (outcome.kind === 'jump' || outcome.kind === 'named') {
      const wrong = jump(host.site, visit, outcome, rewritten)
      if (wrong === null) {
        step = outcome.kind === 'named' ? 'rewrites' : rewritten ? 'location' : 'server'
        continue
      }
      outcome = errorPage(visit, wrong)
    }
    if (outcome.kind === 'answer' || outcome.kind === 'close') return outcome
    return errorPage(visit, cycle(visit), false) as Final
  }
}

const STEPS: Readonly<
  Record<Step, (host: VisitHost, visit: Visit) => Outcome | null | Promise<Outcome | null>>
> = {
  server: (_host, visit) => {
    visit.settings = visit.server.settings
    visit.location = null
    return runRewrites(visit.server.rewrites, visit)
  },
  location: (host, visit) => {
    const found = locate(host.site, visit)
    if (found.kind !== 'status' || found.status !== 413) return found
    visit.bodyDropped = true
    host.dropBody(visit)
    return found
  },
  rewrites: (_host, visit) => runRewrites(visit.location?.rewrites ?? [], visit),
  content: makeContent,
}

// The location of the URI as it is now, and what its settings refuse at once (ngx_http_core_find_config_phase).
function locate(site: Site, visit: Visit): Outcome {
  const found = site.locationsOf(visit.server).find(visit.uri, visit)
  if (found === null) {
    visit.location = null
    visit.settings = visit.server.settings
    tell(site, visit)
    return tooLarge(visit)
  }
  const { location, captures, slash } = found
  if (captures !== null) noteCaptures(visit, captures)
  if (location.settings.internal && !visit.internal) {
    // It refuses as it says itself, with its own fields and pages.
    visit.location = location
    visit.settings = location.settings
    return { kind: 'status', status: 404 }
  }
  enterLocation(visit, location)
  tell(site, visit)
  const large = tooLarge(visit)
  if (large.kind !== 'next') return large
  if (!slash) return NEXT
  return { kind: 'redirect', status: 301, location: slashLocation(found, visit.args) }
}

function enterLocation(visit: Visit, location: NonNullable<Visit['location']>): void {
  visit.location = location
  const { except, settings } = location
  visit.settings = except === null || except.methods.includes(visit.method) ? settings : except.settings
}

// Where it has come to, for logs that want to know (`debug`), in nginx's words.
function tell({ logs }: Site, visit: Visit): void {
  if (!logs.debugs) return
  const { location } = visit
  const name = location === null ? '' : `${location.kind === 'exact' ? '=' : ''}${location.path}`
  logs.error('debug', `using configuration "${name}"`, visit)
}

// Each place that the visit comes to has its say, also one that makes the page of an error.
function tooLarge({ head, settings, parent, bodyDropped }: Visit): Outcome {
  const announced = Number(head.headers.get('content-length') ?? 0)
  if (parent !== null || bodyDropped || settings.maxBody === 0 || announced <= settings.maxBody) return NEXT
  const detail = `client intended to send too large body: ${announced} bytes`
  return { kind: 'status', status: 413, detail }
}

// An internal redirect, or a rewrite's new URI. What is wrong with it is said; null: nothing.
function jump(
  site: Site,
  visit: Visit,
  to: Extract<Outcome, { kind: 'jump' | 'named' }>,
  rewritten: boolean,
): Extract<Outcome, { kind: 'status' }> | null {
  if (--visit.jumpsLeft < 0) return cycle(visit)
  if (!rewritten) {
    visit.internal = true
    // What a place knew of how it passed the request on goes with it (r->ctx).
    visit.proxyHost = ''
  }
  if (to.kind === 'named') {
    const location = site.locationsOf(visit.server).named(to.name)
    if (location === null)
      return { kind: 'status', status: 500, detail: `could not find named location "${to.name}"` }
    // What could not be read as a request (ngx_http_named_location).
    if (visit.uri === '')
      return { kind: 'status', status: 500, detail: `empty URI in redirect to named location "${to.name}"` }
    enterLocation(visit, location)
    tell(site, visit)
    return null
  }
  if (!rewritten) visit.validLocation = true
  visit.uri = to.uri
  if (to.args !== null) visit.args = to.args
  visit.uriUnchanged = false
  return null
}

function cycle(visit: Visit): Extract<Outcome, { kind: 'status' }> {
  const detail = `rewrite or internal redirection cycle while processing "${visit.uri}"`
  return { kind: 'status', status: 500, detail }
}

// Limits, access, files that are tried, and what is there.
async function makeContent(host: VisitHost, visit: Visit): Promise<Outcome | null> {
  // The location may believe other proxies than its server.
  applyRealIp(visit)
  const entered = await host.site.limits.enter(visit)
  host.atEnd(() => entered.release())
  if (entered.outcome.kind !== 'next') return entered.outcome
  // A request that was made for another one has that one's leave to come in.
  if (visit.parent === null) {
    const allowed = await checkAccess(visit, host.ask)
    if (allowed.kind !== 'next') return allowed
  }
  const tried = await tryFiles(visit)
  if (tried.kind !== 'next') return tried
  const { settings } = visit
  if (settings.mirrors.length > 0 && visit.parent === null) {
    const mirrored = await host.mirror(visit)
    if (mirrored.kind !== 'next') return mirrored
  }
  if (settings.pass !== null) return host.pass(visit)
  if (settings.stubStatus) {
    const read = visit.method === 'GET' || visit.method === 'HEAD'
    return read ? { kind: 'answer', answer: host.counts() } : { kind: 'status', status: 405 }
  }
  return isStored(visit) ? host.store(visit) : serveFiles(visit)
}
