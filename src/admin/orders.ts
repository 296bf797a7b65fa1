// What operators may order through the admin listener: `POST /pause?for=30s&message=…` and `POST /resume`. Reads the
// order and says how it went; what it does is the house's.

import { formatDuration, readDuration } from '../config/units.ts'

export interface Orders {
  /**
   * Lets requests wait, for so many milliseconds at most; false when the proxy is about to end, and nobody is to wait.
   * @param message for those who wait in vain; null: the usual one
   */
  readonly pause?: (forMs: number, message: string | null) => boolean
  /** Lets them go; how many waited, or null when nothing was paused. */
  readonly resume?: () => number | null
}

export interface Reply {
  readonly status: number
  readonly body: string
}

/** As long as a request may wait by default (--queue-timeout): a longer pause answers the first of them 503. */
const USUAL_MS = 30_000
const LONGEST_MS = 3_600_000
const LONGEST_MESSAGE = 300

/** Carries out the order at this path, or returns null when it is none. */
export function obey(path: string, query: string, orders: Orders): Reply | null {
  if (path === '/pause' && orders.pause !== undefined) return pause(new URLSearchParams(query), orders.pause)
  if (path === '/resume' && orders.resume !== undefined) return resume(orders.resume)
  return null
}

export const ORDER_PATHS: readonly string[] = ['/pause', '/resume']

function pause(query: URLSearchParams, begin: NonNullable<Orders['pause']>): Reply {
  for (const name of query.keys()) {
    if (name !== 'for' && name !== 'message')
      return wrong(`there is no ${JSON.stringify(name.slice(0, 40))}; there are for and message`)
  }
  const written = query.get('for')
  const read = written === null ? { value: USUAL_MS } : readDuration(written, { min: 1, max: LONGEST_MS })
  if ('allowed' in read) return wrong(`for ${read.allowed}`)
  // Control characters have no place in a page for people.
  const message = (query.get('message') ?? '').replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ').trim()
  if (message.length > LONGEST_MESSAGE)
    return wrong(`message must have at most ${LONGEST_MESSAGE} characters`)
  if (!begin(read.value, message === '' ? null : message)) {
    return { status: 409, body: 'not paused: the proxy is stopping, and answers what it has\n' }
  }
  return {
    status: 200,
    body: `paused for ${formatDuration(read.value)} at most; health checks are still served\n`,
  }
}

function resume(end: NonNullable<Orders['resume']>): Reply {
  const waited = end()
  if (waited === null) return { status: 200, body: 'nothing was paused\n' }
  return { status: 200, body: `resumed; ${waited} ${waited === 1 ? 'request' : 'requests'} had waited\n` }
}

function wrong(what: string): Reply {
  return { status: 400, body: `${what}\n` }
}
