// The body of a request that a place of the site writes down itself: taken in whole, by the place's limits, and handed out
// piece by piece. Knows no files.

import { Failure } from '../errors.ts'
import type { House } from '../house.ts'
import type { Outcome } from '../outcome.ts'
import type { Spool } from '../spool/spool.ts'
import type { Visit } from '../visit.ts'
import { takeIn } from './early-body.ts'
import type { Carried } from './passing-on.ts'

/** The pieces of all of it; or what the request comes to where it cannot be had. */
export async function takeWhole(
  house: House,
  visit: Visit,
  carried: Carried,
): Promise<AsyncIterable<Buffer> | Outcome> {
  if (carried.request.intake?.whole !== true) {
    const wrong = await takeIn(house, visit, carried, visit.settings.maxBody)
    if (wrong !== null) return wrong
  }
  const { intake } = carried.request
  return intake === null ? nothing() : pieces(intake.spool)
}

async function* nothing(): AsyncGenerator<Buffer> {}

/** @throws Failure where the spool does not give back what it took */
async function* pieces(spool: Spool): AsyncGenerator<Buffer> {
  const reader = spool.reader()
  let broken: string | null = null
  let wake = (): void => {}
  reader.onError = detail => {
    broken = detail
    wake()
  }
  reader.onReadable = () => wake()
  try {
    for (;;) {
      const come = new Promise<void>(resolve => {
        wake = resolve
      })
      const piece = reader.read()
      if (piece !== null) yield piece
      else if (reader.finished) return
      else if (broken !== null || spool.dead) throw new Failure('spool_full', broken ?? 'the spool is gone')
      else await come
      reader.reuse()
    }
  } finally {
    reader.close()
  }
}
