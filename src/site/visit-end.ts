// The end of a request of a site: what is left of its body is given back, it goes into the books and the site's own logs, and
// its connection on to the next one, or to its end. The counterpart of `src/ending.ts`; it answers nobody any more.

import type { House } from '../house.ts'
import type { RequestInHand } from '../passing.ts'
import type { Visit } from '../visit.ts'
import { noteConnection } from './lasting.ts'
import type { Site } from './site.ts'
import { endUpgrade } from './upstream-try.ts'

/**
 * Ends it; where the upgrade lane has its connection, all but its log line, which comes when that has ended.
 * @param closes its connection is closed, whatever was said of it
 */
export function endVisit(
  house: House,
  site: Site,
  visit: Visit,
  request: RequestInHand,
  closes: boolean,
): void {
  const { exchange } = visit
  request.intake?.spool.destroy()
  // The upgrade lane ends its exchanges itself, with the connection.
  if (request.handedOver) {
    exchange.onUpgradeEnd = () => {
      const last = visit.tries.at(-1)
      if (last !== undefined) endUpgrade(last, exchange)
      return logged(site, visit, request)
    }
    return
  }
  // A worker that failed may have been answered for by a whole page of ours.
  const begun = exchange.status !== 0 && !visit.answeredWhole
  const broken = exchange.failure !== null && begun && exchange.clientPresent
  exchange.cache = visit.cacheStatus
  exchange.enter('done')
  noteConnection(visit, request.keepAlive)
  house.observer.finished(exchange, logged(site, visit, request))
  // What may end with the connection must not end with a FIN.
  if (broken) request.edge.cut(exchange.endsWithConnection)
  if (closes) request.edge.close()
  else request.edge.finish(!broken && request.keepAlive, visit.settings.keepaliveTimeout ?? undefined)
}

// Into the site's own logs; false: it has none that wants it.
function logged(site: Site, visit: Visit, { keepAlive }: RequestInHand): boolean {
  const { bytesOut, headBytesOut } = visit.exchange
  visit.bodyBytesSent = Math.max(0, bytesOut - headBytesOut)
  return site.logs.write(visit, !keepAlive)
}
