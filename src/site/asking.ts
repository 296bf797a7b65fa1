// What another place of the site says to a request, without its answer going to the client: auth_request's subrequest, and
// what post_action asks once the client has been answered. Of the answer only the head is kept.

import type { Asked } from '../access/access.ts'
import type { House } from '../house.ts'
import { HeaderList } from '../http1/headers.ts'
import { splitUri } from '../http1/uri.ts'
import type { RequestInHand } from '../passing.ts'
import type { Visit } from '../visit.ts'
import { headOf, subrequest } from './subrequest.ts'
import type { VisitHost } from './visiting.ts'

/** @param uri as the file has it, variables worked out */
export async function ask(
  house: House,
  host: VisitHost,
  parent: Visit,
  request: RequestInHand,
  uri: string,
): Promise<Asked> {
  const to = splitUri(uri)
  if (to === null) return { status: 500, headers: new HeaderList(), visit: parent }
  const asked = subrequest(house, host, parent, request, to)
  const { visit } = asked
  const { exchange } = parent
  // When the client leaves there is nothing left to ask for.
  exchange.onInterrupt = failure => visit.exchange.leave(failure)
  try {
    // It is what `auth_request_set` reads as `$sent_http_…`.
    const head = await headOf(asked)
    if (head === null) return said(visit, visit.exchange.failure === null ? 500 : 502)
    return { status: visit.fixedStatus ?? head.status, headers: head.headers, visit }
  } finally {
    exchange.onInterrupt = null
    asked.end()
  }
}

function said(visit: Visit, status: number): Asked {
  return { status, headers: visit.upstreamHead?.headers ?? new HeaderList(), visit }
}

/**
 * `post_action`: asked once the client's answer has ended, however it did, and whoever is still there.
 * @param to a path, or the name of a location
 */
export async function askAfterwards(
  house: House,
  host: VisitHost,
  parent: Visit,
  request: RequestInHand,
  to: string,
): Promise<void> {
  const named = to.startsWith('@')
  // As it is written: nginx takes no question mark in it for one.
  const asked = subrequest(house, host, parent, request, named ? null : { uri: to, args: null })
  asked.visit.method = parent.method
  try {
    await headOf(asked, named ? { kind: 'named', name: to } : null)
  } finally {
    asked.end()
  }
}
