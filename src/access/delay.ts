// The wait of one request that is made to come later: by limit_req and by auth_delay. To the millisecond, and so by a
// timer of its own: delayed requests are few, and the coarse clock would let them go in bunches.

import type { Visit } from '../visit.ts'

/** Waits. False: the client has gone meanwhile. */
export function delayed(visit: Visit, ms: number): Promise<boolean> {
  const { exchange } = visit
  return new Promise(resolve => {
    const timer = setTimeout(end, ms)
    exchange.onInterrupt = end
    function end(): void {
      clearTimeout(timer)
      if (exchange.onInterrupt === end) exchange.onInterrupt = null
      resolve(exchange.clientPresent)
    }
  })
}
