// Copies of a request that other places of the site are given beside the client's own (ngx_http_mirror_module). What they
// answer is nobody's, and the client's answer does not wait for it; the next request on its connection does, as with
// nginx. The copy of a body is its own: two apps read at two paces.

import { Failure } from '../errors.ts'
import type { House } from '../house.ts'
import { NEXT, type Outcome } from '../outcome.ts'
import type { RequestInHand } from '../passing.ts'
import type { Spool } from '../spool/spool.ts'
import type { Visit } from '../visit.ts'
import { takeIn } from './early-body.ts'
import { takenIn } from './passed-body.ts'
import type { Carried } from './passing-on.ts'
import { headOf, type Subrequest, subrequest } from './subrequest.ts'
import type { VisitHost } from './visiting.ts'

/**
 * Takes the body in where it is to be copied, and begins the copies that the place asks for.
 * @param begun is given each copy: settled once that is over, never rejected
 * @returns what the request comes to where its body cannot be had; else that it goes on
 */
export async function mirror(
  house: House,
  host: VisitHost,
  visit: Visit,
  carried: Carried,
  begun: (copy: Promise<void>) => void,
): Promise<Outcome> {
  const { mirrors, mirrorBody, maxBody } = visit.settings
  if (mirrorBody && carried.request.intake === null) {
    const wrong = await takeIn(house, visit, carried, maxBody)
    if (wrong !== null) return wrong
  }
  for (const uri of mirrors) {
    const asked = subrequest(house, host, visit, carried.request, { uri, args: visit.args })
    asked.visit.method = visit.method
    try {
      const { intake } = carried.request
      // Before the client's own request goes on: a spool has one reader at a time.
      if (mirrorBody && intake?.whole === true && intake.resendable)
        await giveBody(house, carried.request, asked)
      begun(run(host, asked, uri))
    } catch (error) {
      asked.end()
      lost(host, asked, uri, error)
    }
  }
  return NEXT
}

async function run(host: VisitHost, asked: Subrequest, uri: string): Promise<void> {
  try {
    await headOf(asked)
  } catch (error) {
    lost(host, asked, uri, error)
  } finally {
    asked.carried.request.intake?.spool.destroy()
    asked.end()
  }
}

function lost(host: VisitHost, { visit }: Subrequest, uri: string, error: unknown): void {
  const why = error instanceof Error ? error.message : String(error)
  host.site.logs.error('error', `a copy for "${uri}" was lost: ${why}`, visit)
}

async function giveBody(house: House, request: RequestInHand, { visit, carried }: Subrequest): Promise<void> {
  const spool = house.spools.spool('request', request.spoolClient, true)
  try {
    await copy(request.intake!.spool, spool)
  } catch (error) {
    spool.destroy()
    throw error
  }
  const intake = takenIn(visit.exchange, request, spool)
  const framing = { kind: 'length', length: spool.size } as const
  carried.request = { ...carried.request, framing, intake }
}

/** @throws Failure when one of them cannot hold it */
function copy(from: Spool, to: Spool): Promise<void> {
  return new Promise((resolve, reject) => {
    const reader = from.reader()
    const fail = (detail: string): void => {
      reader.close()
      reject(new Failure('spool_full', detail))
    }
    const pump = (): void => {
      for (let piece = reader.read(); piece !== null; piece = reader.read()) {
        if (!to.write(Buffer.from(piece))) {
          to.onRoom = pump
          return
        }
        if (to.dead) return
      }
      if (!reader.finished) {
        reader.onReadable = pump
        return
      }
      reader.close()
      to.end()
      to.onRoom = to.onTrouble = null
      resolve()
    }
    reader.onError = fail
    to.onTrouble = (_why, detail) => fail(detail)
    pump()
  })
}
