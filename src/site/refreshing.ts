// A request that the site makes of its own accord to have a kept answer made anew, while the client is given the one whose
// time is over (proxy_cache_background_update). It is the client's request once more, without the client: its connection
// may be at its next request long before this one is over, or gone.

import type { CacheUse } from '../cache/use.ts'
import { onBehalfOf } from '../exchange.ts'
import type { House } from '../house.ts'
import type { EdgeConnection } from '../listen/edge-connection.ts'
import type { RequestInHand } from '../passing.ts'
import type { ClientWriter } from '../response/delivery.ts'
import { Visit } from '../visit.ts'
import { Caching } from './caching.ts'
import type { Site } from './site.ts'

/** Takes what nobody is to read. */
export const NOBODY: ClientWriter = { write: () => true, flushed: true, onWritable: null }

interface Refresh {
  readonly visit: Visit
  readonly caching: Caching
  readonly request: RequestInHand
}

/**
 * Has a kept answer made anew. Nobody waits for it, and what becomes of it is for the logs: never rejects.
 * @param use of the cache, whose entry it holds from here on
 * @param pass has the app asked
 */
export async function refresh(
  house: House,
  site: Site,
  parent: Visit,
  request: RequestInHand,
  use: CacheUse,
  pass: (again: Refresh) => Promise<unknown>,
): Promise<void> {
  try {
    const again = refreshOf(house, parent, request, use)
    const { exchange } = again.visit
    // A worker is busy with it as with any other: whoever looks is told.
    house.observer.arrived(exchange)
    try {
      await pass(again)
    } finally {
      exchange.enter('done')
      if (exchange.workerSince === 0) house.observer.released(exchange)
    }
    site.logs.write(again.visit)
  } catch (error) {
    site.logs.error('error', `a kept answer was not made anew: ${error}`, parent)
  } finally {
    use.release()
  }
}

function refreshOf(house: House, parent: Visit, request: RequestInHand, use: CacheUse): Refresh {
  const again = onceMore(house, parent, request)
  again.visit.cacheStatus = 'EXPIRED'
  const caching = new Caching(again.visit, use)
  caching.ready()
  return { ...again, caching }
}

/** The same request once more, at the same place, without its body and its client. */
export function onceMore(
  house: House,
  parent: Visit,
  request: RequestInHand,
): Pick<Refresh, 'visit' | 'request'> {
  const { exchange: theirs, site, head, connection, server, uri, args } = parent
  const exchange = onBehalfOf(theirs)
  exchange.method = theirs.method
  exchange.target = theirs.target
  exchange.route = house.routes.of('GET', theirs.path)
  const visit = new Visit({ site, exchange, head, connection, server, uri, args, parent })
  const { location, validLocation, belowAlias, settings, uriUnchanged, captures, headers, proxyHost } = parent
  Object.assign(visit, {
    location,
    validLocation,
    belowAlias,
    settings,
    uriUnchanged,
    captures,
    headers,
    proxyHost,
  })
  visit.method = parent.method
  visit.internal = true
  visit.slice = parent.slice
  return {
    visit,
    request: {
      ...request,
      exchange,
      head: { ...request.head, minor: 0 },
      framing: { kind: 'none' },
      edge: NO_EDGE,
      keepAlive: false,
      expectsContinue: false,
      intake: null,
      deadline: null,
    },
  }
}

/** What is asked of an edge's connection where there is none: as much as a request without a body comes to. */
const NO_EDGE = {
  outlet: NOBODY,
  halfClosed: false,
  requestWhole: true,
  bodyReceived: 0,
  discardBody: () => null,
} as unknown as EdgeConnection
