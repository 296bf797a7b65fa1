// Another part of an answer that is fetched in parts: the request once more, for the next slice, by the same place and
// through the same cache. Its head is looked at and left out; its body is whoever joins them's.

import { Failure } from '../errors.ts'
import type { BodyTaker, SliceFetched } from '../fetcher.ts'
import type { House } from '../house.ts'
import { letGo } from '../outcome.ts'
import type { RequestInHand } from '../passing.ts'
import { joinSlices } from '../response/filters/slice.ts'
import type { Visit } from '../visit.ts'
import { WithoutHead } from './fetching.ts'
import { type Carried, passOn } from './passing-on.ts'
import { onceMore } from './refreshing.ts'
import { send } from './sending.ts'
import type { Site } from './site.ts'

/** Begins at once; the taker is told its end once, unless it is destroyed before. */
export function fetchSlice(
  house: House,
  site: Site,
  parent: Visit,
  request: RequestInHand,
  start: number,
  taker: BodyTaker,
): SliceFetched {
  const into = new WithoutHead(taker)
  const { visit, request: own } = onceMore(house, parent, request)
  visit.slice = { start, size: parent.settings.sliceSize }
  into.exchange = visit.exchange
  void run(house, site, visit, { request: own, into }).then(problem => {
    visit.exchange.enter('done')
    site.logs.write(visit)
    into.end(problem)
  })
  return {
    resume: () => into.resume(),
    destroy() {
      into.destroy()
      visit.exchange.leave(new Failure('client_left', 'nobody wants the part any more'))
    },
  }
}

// Null: all of it has come.
async function run(house: House, site: Site, visit: Visit, carried: Carried): Promise<string | null> {
  const { exchange } = visit
  try {
    const outcome = await passOn(house, site, visit, carried)
    if (outcome === null)
      return visit.answeredWhole ? null : (exchange.failure?.message ?? 'there was no answer')
    if (outcome.kind === 'status') return outcome.detail ?? `its status is ${outcome.status}`
    if (outcome.kind !== 'answer') return 'it leads elsewhere'
    const wrong = joinSlices(visit, outcome.answer.head)
    if (wrong !== null) {
      await letGo(outcome.answer)
      return wrong
    }
    const ended = await send(house, carried.request, visit, outcome.answer, carried.into)
    return ended instanceof Failure ? ended.message : null
  } catch (error) {
    return String(error)
  }
}
