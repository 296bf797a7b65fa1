// Whether a client's connection stays open after an answer, as the place that answered says, and what its client is told
// of that (nginx's ngx_http_update_location_config, and its header filter). Closes nothing itself.

import { now } from '../clock.ts'
import { isOldExplorer, isSafariOnMac } from '../script/browsers.ts'
import type { Visit } from '../visit.ts'

/** False: the connection closes after this answer. */
export function lasts(visit: Visit): boolean {
  const { settings, connection } = visit
  const { keepaliveTimeout, keepaliveRequests, keepaliveTime } = settings
  if (keepaliveTimeout === 0) return false
  if (keepaliveRequests !== null && connection.requests >= keepaliveRequests) return false
  if (keepaliveTime !== null && connection.acceptedAt !== undefined) {
    if (now() - connection.acceptedAt > keepaliveTime) return false
  }
  return !isDisabled(visit)
}

/** Seconds that `Keep-Alive: timeout=` promises; 0: nothing is promised. */
export function promised({ settings }: Visit): number {
  return Math.floor(settings.keepaliveSays / 1000)
}

/** The values of `Connection` and `Keep-Alive` for whoever asks which were sent. */
export function noteConnection(visit: Visit, stays: boolean): void {
  const { answer } = visit
  if (answer === null) return
  answer.headers.set('Connection', stays ? 'keep-alive' : 'close')
  const seconds = stays ? promised(visit) : 0
  if (seconds > 0) answer.headers.set('Keep-Alive', `timeout=${seconds}`)
}

// Browsers that lose an answer on a connection that is used again: old Internet Explorers after a POST, Safari on a Mac.
function isDisabled({ settings, method, exchange }: Visit): boolean {
  const { keepaliveDisabled } = settings
  if (keepaliveDisabled.length === 0 || exchange.userAgent === '') return false
  const agent = exchange.userAgent
  if (method === 'POST' && keepaliveDisabled.includes('msie6') && isOldExplorer(agent)) return true
  return keepaliveDisabled.includes('safari') && isSafariOnMac(agent)
}
