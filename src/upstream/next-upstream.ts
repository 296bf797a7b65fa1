// Whether a request whose try at one address failed is given to another, as `proxy_next_upstream` and its limits say, and
// whether that address counts as having failed. Pure. With flags the rule is `retry.ts`'s.

import type { ProxySettings } from '../config/nginx/modules/proxy.ts'
import type { LossOfWorker } from './answer-sink.ts'

export type NextSettings = Pick<ProxySettings, 'nextUpstream' | 'nextUpstreamTries' | 'nextUpstreamTimeout'>

const STATUSES = [500, 502, 503, 504, 403, 404, 429] as const

/** How a try can end, as the directive names it. */
export type Trouble = 'error' | 'timeout' | 'invalid_header' | `http_${(typeof STATUSES)[number]}`

/** What is known of a request when a try has failed. */
export interface Tried {
  readonly trouble: Trouble
  readonly method: string
  /** Some of the request may have reached the server. */
  readonly sent: boolean
  /** It is at hand as a whole, and can be sent again. */
  readonly resendable: boolean
  /** Tries so far, this one included. */
  readonly tries: number
  /** How many addresses it has not been tried at, of those that can be had. */
  readonly left: number
  /** Since the first of them began, in milliseconds. */
  readonly elapsedMs: number
}

/** nginx's own list: what is not sent twice unless the file says `non_idempotent`. */
const NOT_TWICE = new Set(['POST', 'LOCK', 'PATCH'])

/** The trouble that a status of an answer is; null: none that the directive can name. */
export function troubleOfStatus(status: number): Trouble | null {
  return STATUSES.some(each => each === status) ? (`http_${status}` as Trouble) : null
}

/** The trouble that the loss of a connection is. */
export function troubleOfLoss({ how, code }: Pick<LossOfWorker, 'how' | 'code'>): Trouble {
  if (how === 'protocol') return 'invalid_header'
  return how === 'timeout' || code === 'ETIMEDOUT' ? 'timeout' : 'error'
}

/** Whether the settings name it: then an answer with such a status is worth another try. */
export function isNamed(trouble: Trouble, { nextUpstream }: NextSettings): boolean {
  return nextUpstream.includes(trouble) && !nextUpstream.includes('off')
}

/** Whether another address is tried. */
export function mayTryNext(settings: NextSettings, tried: Tried): boolean {
  const { nextUpstream, nextUpstreamTries, nextUpstreamTimeout } = settings
  const { trouble, method, sent, resendable, tries, left, elapsedMs } = tried
  if (!isNamed(trouble, settings)) return false
  if (sent && NOT_TWICE.has(method) && !nextUpstream.includes('non_idempotent')) return false
  if (sent && !resendable) return false
  if (left === 0 || (nextUpstreamTries > 0 && tries >= nextUpstreamTries)) return false
  return nextUpstreamTimeout === 0 || elapsedMs < nextUpstreamTimeout
}

/**
 * Whether it counts against the address (`max_fails`): a connection that fails always does, a status only where the
 * settings name it, and 403 and 404 never.
 */
export function countsAgainst(trouble: Trouble, settings: NextSettings): boolean {
  if (trouble === 'error' || trouble === 'timeout' || trouble === 'invalid_header') return true
  return trouble !== 'http_403' && trouble !== 'http_404' && isNamed(trouble, settings)
}
