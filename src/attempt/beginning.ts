// When a request that has its slot is given to the worker: with all those that came with it. Opens no connection itself.
//
// Requests that come together to workers that are free cost less when all are read first and then all are connected: what a
// connect needs is in the caches after the first, and where the workers are one process it wakes once (docs/decisions/0016).

import { soon } from '../afterwards.ts'
import type { Exchange } from '../exchange.ts'

/**
 * Begins once all has been read that this look at the sockets found. What ends the request until then finds it begun: it is
 * begun at once, and told.
 */
export function beginSoon(exchange: Exchange, begin: () => void): void {
  let begun = false
  const once = (): void => {
    if (begun) return
    begun = true
    begin()
  }
  exchange.onInterrupt = failure => {
    once()
    exchange.interrupt(failure)
  }
  soon(once)
}
