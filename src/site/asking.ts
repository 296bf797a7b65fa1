// What another place of the site says to a request, without its answer going to the client: auth_request's subrequest. It
// goes through the phases as a visit of its own, with the client's fields and without its body.

import type { Asked } from '../access/access.ts'
import { Exchange, now } from '../exchange.ts'
import type { House } from '../house.ts'
import { HeaderList } from '../http1/headers.ts'
import { splitUri } from '../http1/uri.ts'
import type { RequestInHand } from '../passing.ts'
import { letGo, Visit } from '../visit.ts'
import { type Carried, passOn } from './passing-on.ts'
import { type VisitHost, visitSite } from './visiting.ts'

/** @param uri as the file has it, variables worked out */
export async function ask(
  house: House,
  host: VisitHost,
  parent: Visit,
  request: RequestInHand,
  uri: string,
): Promise<Asked> {
  const target = splitUri(uri)
  if (target === null) return { status: 500, headers: new HeaderList(), visit: parent }
  const { exchange } = parent
  const own = new Exchange(exchange.peer, now())
  Object.assign(own, {
    id: exchange.id,
    client: exchange.client,
    method: 'GET',
    target: uri,
    host: exchange.host,
  })
  own.version = exchange.version
  own.route = house.routes.of('GET', target.uri)
  const visit = new Visit({
    site: host.site,
    exchange: own,
    head: parent.head,
    connection: parent.connection,
    server: parent.server,
    uri: target.uri,
    args: target.args ?? '',
    parent,
  })
  visit.method = 'GET'
  visit.internal = true
  const carried: Carried = { request: { ...request, exchange: own, framing: { kind: 'none' }, intake: null } }
  const releases: (() => void)[] = []
  // When the client leaves there is nothing left to ask for.
  exchange.onInterrupt = failure => own.leave(failure)
  try {
    const final = await visitSite(
      {
        site: host.site,
        ask: deeper => ask(house, host, visit, carried.request, deeper),
        counts: () => host.counts(),
        dropBody: () => {},
        atEnd: release => releases.push(release),
        pass: asked => passOn(house, host.site, asked, carried),
      },
      visit,
    )
    if (final?.kind !== 'answer') return said(visit, own.failure === null ? 500 : 502)
    await letGo(final.answer)
    // What `auth_request_set` reads as `$sent_http_…`.
    visit.answer = final.answer.head
    const { status, headers } = final.answer.head
    return { status: visit.fixedStatus ?? status, headers, visit }
  } finally {
    exchange.onInterrupt = null
    for (const release of releases) release()
  }
}

function said(visit: Visit, status: number): Asked {
  return { status, headers: visit.upstreamHead?.headers ?? new HeaderList(), visit }
}
