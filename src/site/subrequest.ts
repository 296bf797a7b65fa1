// A request that the site makes of itself for a client's: a visit of its own through the same phases, with the client's
// fields and without its body. What becomes of its answer is for whoever makes it.

import { onBehalfOf } from '../exchange.ts'
import type { House } from '../house.ts'
import { type AnswerHead, letGo, NEXT, type Outcome } from '../outcome.ts'
import type { RequestInHand } from '../passing.ts'
import type { ClientWriter } from '../response/delivery.ts'
import { Visit } from '../visit.ts'
import { type Carried, passOn } from './passing-on.ts'
import { type VisitHost, visitSite } from './visiting.ts'

export interface Subrequest {
  readonly visit: Visit
  readonly host: VisitHost
  readonly carried: Carried
  /** It is over: gives back what it took, and writes it down where the file wants that. */
  end(): void
}

/**
 * @param request the client's
 * @param to the URI as the file has it; null: the parent's as it stands
 * @param into who gets the answer; absent: its head is all that is wanted
 */
export function subrequest(
  house: House,
  host: VisitHost,
  parent: Visit,
  request: RequestInHand,
  to: { readonly uri: string; readonly args: string | null } | null,
  into?: ClientWriter,
): Subrequest {
  const { exchange } = parent
  const { uri, args } = to ?? parent
  const own = onBehalfOf(exchange)
  own.method = 'GET'
  own.target = args === null || args === '' ? uri : `${uri}?${args}`
  own.route = house.routes.of('GET', uri)
  const { site } = host
  const { head, connection, server } = parent
  const visit = new Visit({ site, exchange: own, head, connection, server, uri, args: args ?? '', parent })
  visit.method = 'GET'
  visit.internal = true
  // What comes of it has no chunks: it is to become a part of something else.
  const asked = { ...request, exchange: own, head: { ...request.head, minor: 0 as const } }
  const carried: Carried = {
    request: { ...asked, framing: { kind: 'none' }, intake: null, expectsContinue: false },
    ...(into && { into }),
  }
  const releases: (() => void)[] = []
  return {
    visit,
    carried,
    host: {
      site,
      // Whoever may ask the site for something may have it: nobody is asked again.
      ask: host.ask,
      counts: () => host.counts(),
      dropBody: () => {},
      // Only of what clients send.
      mirror: async () => NEXT,
      store: async () => ({ kind: 'status', status: 405 }),
      atEnd: release => releases.push(release),
      pass: asked => passOn(house, site, asked, carried),
    },
    end() {
      for (const release of releases) release()
      site.logs.write(visit)
    },
  }
}

/**
 * Goes through the phases, for the head alone: the rest of what is answered is let go.
 * @param begin what it comes to where it does not begin with the first of them
 * @returns null: nothing was answered
 */
export async function headOf(
  { host, visit }: Subrequest,
  begin: Outcome | null = null,
): Promise<AnswerHead | null> {
  const final = await visitSite(host, visit, begin)
  if (final?.kind !== 'answer') return null
  await letGo(final.answer)
  return (visit.answer = final.answer.head)
}
