// The look of a request into the cache of its place: whether there is one to be asked, by which key, and what of what it
// has is given (ngx_http_upstream_cache). What becomes of the app's answer where there is nothing is `caching.ts`'s.

import { CacheUse, type Found } from '../cache/use.ts'
import type { Outcome } from '../outcome.ts'
import type { Destination } from '../request/site-target.ts'
import { anySaysYes } from '../script/predicates.ts'
import type { Visit } from '../visit.ts'
import { Caching } from './caching.ts'
import { keptAnswer } from './kept-answer.ts'
import type { Site } from './site.ts'

/** What the look into a cache comes to. */
export type Looked =
  /** The request goes on to the app. */
  | { readonly kind: 'pass'; readonly caching: Caching | null }
  /** It does not; `refresh`: what is given is to be made anew meanwhile. */
  | { readonly kind: 'settled'; readonly outcome: Outcome | null; readonly refresh: CacheUse | null }

const UNTOUCHED: Looked = { kind: 'pass', caching: null }

/**
 * Asks the cache of the visit's place, which has one.
 * @param alone the request has no body, and can be made anew without the client
 */
export async function lookUp(
  site: Site,
  visit: Visit,
  destination: Destination,
  alone: boolean,
): Promise<Looked> {
  const { settings, method } = visit
  if (method !== 'GET' && method !== 'HEAD' && !settings.cacheMethods.includes(method)) return UNTOUCHED
  // Other protocols have no address for an answer: without a key all would be one.
  if (settings.cacheKey === null && settings.pass?.family !== 'http') return UNTOUCHED
  const name = visit.text(settings.cache!)
  if (name === '' || name === 'off') return UNTOUCHED
  const store = site.caches.named(name)
  if (store === null) return settled({ kind: 'status', status: 500, detail: `cache "${name}" not found` })
  const { scheme, host, target } = destination
  const converts = method === 'HEAD' && settings.cacheConvertsHead
  const use = new CacheUse(store, {
    key: settings.cacheKey === null ? `${scheme}://${host}${target}` : visit.text(settings.cacheKey),
    headers: visit.headers,
    headOnly: method === 'HEAD' && !converts,
    minUses: settings.cacheMinUses,
    lock: settings.cacheLock,
    lockTimeout: settings.cacheLockTimeout,
    lockAge: settings.cacheLockAge,
  })
  const caching = new Caching(visit, use)
  try {
    return (await look(caching, alone)) ?? { kind: 'pass', caching }
  } catch (error) {
    use.release()
    throw error
  }
}

// What is given; null: nothing, and the app is asked.
async function look(caching: Caching, alone: boolean): Promise<Looked | null> {
  const { use, visit } = caching
  if (anySaysYes(visit.settings.cacheBypass, visit)) visit.cacheStatus = 'BYPASS'
  else {
    visit.cacheStatus = 'MISS'
    const looked = serve(await open(use, visit), caching, alone)
    if (looked !== null) return looked
  }
  caching.ready()
  return null
}

function settled(outcome: Outcome | null, refresh: CacheUse | null = null): Looked {
  return { kind: 'settled', outcome, refresh }
}

async function open(use: CacheUse, { exchange }: Visit): Promise<Found> {
  if (!exchange.clientPresent) return 'left'
  exchange.onInterrupt = () => use.leave()
  const found = await use.open()
  exchange.onInterrupt = null
  return found
}

// What is given of what was found; null: nothing, and the app is asked.
function serve(found: Found, caching: Caching, alone: boolean): Looked | null {
  const { use, visit } = caching
  if (found === 'left') {
    use.release()
    return settled({ kind: 'close' })
  }
  if (typeof found === 'number') {
    use.release()
    visit.cacheStatus = 'HIT'
    return settled({ kind: 'status', status: found })
  }
  if (found === 'fresh') return settled(caching.give('HIT'))
  if (found === 'scarce') caching.cacheable = false
  if (found !== 'stale' && found !== 'updating') return null
  const mayBeStale = caching.mayBeGivenMeanwhile()
  if (found === 'updating' && mayBeStale) return settled(caching.give('UPDATING'))
  if (found === 'stale' && mayBeStale && visit.settings.cacheBackgroundUpdate && alone) {
    const shown = use.take()
    // Whoever makes it anew only needs to know what there is.
    use.found = { ...shown, descriptor: -1, body: null }
    visit.cacheStatus = 'STALE'
    return settled({ kind: 'answer', answer: keptAnswer(visit, shown) }, use)
  }
  visit.cacheStatus = 'EXPIRED'
  return null
}
