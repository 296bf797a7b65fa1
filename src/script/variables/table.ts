// The one table of the variables that are there without anybody defining them: by name, and by the beginning of a name.
// Each is worked out when it is used, and not before.

import type { Variable } from '../../visit.ts'
import { answerVariables } from './answer.ts'
import { browserVariables } from './browser.ts'
import { connectionVariables } from './connection.ts'
import { fastcgiVariables } from './fastcgi.ts'
import { guardVariables } from './guards.ts'
import { placeVariables } from './place.ts'
import { prefixVariables } from './prefixes.ts'
import { processVariables } from './process.ts'
import { proxyVariables } from './proxy.ts'
import { requestVariables } from './request.ts'
import { shieldVariables } from './shield.ts'
import { tlsVariables } from './tls.ts'
import { upstreamVariables } from './upstream.ts'
import { userIdVariables } from './user-id.ts'

/** Where a name is not there, the ones of modules whose work is done by none of ours: they never have a value. */
const NEVER: readonly string[] = [
  'tcpinfo_rtt',
  'tcpinfo_rttvar',
  'tcpinfo_snd_cwnd',
  'tcpinfo_rcv_space',
  'request_body_file',
]

const TABLE = new Map<string, Variable>(
  Object.entries<Variable>({
    ...Object.fromEntries(NEVER.map(name => [name, (): null => null])),
    ...requestVariables,
    ...connectionVariables,
    ...tlsVariables,
    ...placeVariables,
    ...proxyVariables,
    ...fastcgiVariables,
    ...upstreamVariables,
    ...answerVariables,
    ...processVariables,
    ...guardVariables,
    ...browserVariables,
    ...userIdVariables,
    ...shieldVariables,
  }),
)

/** What the file may define anew, or `set` give a value to (NGX_HTTP_VAR_CHANGEABLE). */
const CHANGEABLE =
  /^(?:args|limit_rate|proxy_host|proxy_port|ssl_\w+|msie|modern_browser|ancient_browser|invalid_referer|uid_reset)$/

/** Of those with a prefix, what nginx has rows of their own for. */
const ROWS =
  /^(?:http_(?:host|user_agent|referer|via|x_forwarded_for|cookie)|sent_http_(?:content_type|location|keep_alive|cache_control|link))$/

/** Null: there is none of that name. @param name in lower case */
export function builtIn(name: string): Variable | null {
  const found = TABLE.get(name)
  if (found !== undefined) return found
  for (const [prefix, variable] of prefixVariables) {
    if (name.startsWith(prefix)) return variable(name.slice(prefix.length))
  }
  return null
}

/** Whether it is one of endlessly many, as `arg_…` are. @param name in lower case */
export function hasPrefix(name: string): boolean {
  return prefixVariables.some(([prefix]) => name.startsWith(prefix))
}

/** Nobody else may define it. */
export function isFixed(name: string): boolean {
  return (TABLE.has(name) && !CHANGEABLE.test(name)) || ROWS.test(name)
}

/** All whole names, for documents. */
export function variableNames(): string[] {
  return [...TABLE.keys(), ...prefixVariables.map(([prefix]) => `${prefix}name`)].sort()
}
