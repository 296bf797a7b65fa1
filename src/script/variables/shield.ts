// The shield's own variables: where a request's time went, how it ended, and which worker slot it had.

import type { Exchange } from '../../exchange.ts'
import { TIMERS } from '../../phases.ts'
import type { Variable } from '../../visit.ts'
import { seconds } from './request.ts'

/** `$shield_queue_time` and so on, in seconds as nginx's times; phases that are under way count as far as they are. */
const times: Record<string, Variable> = {}
for (const timer of TIMERS) {
  times[`shield_${timer}_time`] = ({ main }) => seconds(main.exchange.timersAt(endOf(main.exchange))[timer])
}

export const shieldVariables: Readonly<Record<string, Variable>> = {
  ...times,
  shield_total_time: ({ main }) => seconds(main.exchange.age()),
  /** `ok`, or `<who>:<phase>` as in the log. */
  shield_outcome: ({ main }) => main.exchange.outcome,
  shield_upstream: ({ main }) => main.exchange.upstream || null,
  shield_slot: ({ main: { exchange } }) => (exchange.slot === -1 ? null : String(exchange.slot)),
  shield_attempts: ({ main }) => String(main.exchange.attempts),
  shield_spilled: ({ main }) => String(main.exchange.spilled),
  shield_ray: ({ main }) => main.exchange.ray || null,
}

function endOf({ endedAt }: Exchange): number | undefined {
  return endedAt === 0 ? undefined : endedAt
}
