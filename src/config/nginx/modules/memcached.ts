// Answers that somebody else has put into memcached, by a key (ngx_http_memcached_module): where it is asked, how patiently,
// and what of what it says is an answer. What it is asked for is `$memcached_key`.

import { readGatewayPass } from '../gateway-pass.ts'
import { chosen, count, harmless, list, own, refused } from '../rows.ts'
import type { Script } from '../site.ts'
import { EVERYWHERE, type Module, type Row } from '../table.ts'
import { type GatewaySettings, NOTHING_SAID, within } from './gateways.ts'
import { passingRows } from './passing.ts'

export interface MemcachedSettings extends GatewaySettings {
  /** Null: nothing is asked. */
  readonly memcachedKey: Script | null
  /** The flags by which what is stored is gzip; 0: none is. */
  readonly memcachedGzipFlag: number
}

/** Its own words for what may be asked of another server, and those of all modules. */
const TROUBLES: Readonly<Record<string, string>> = {
  error: 'error',
  timeout: 'timeout',
  invalid_response: 'invalid_header',
  not_found: 'http_404',
  off: 'off',
}

/** Of the directives that all modules have, those that this one has. */
const SHARED = new Set(
  ['bind', 'connect_timeout', 'read_timeout', 'send_timeout', 'buffer_size', 'socket_keepalive']
    .concat('next_upstream_tries', 'next_upstream_timeout')
    .map(name => `memcached_${name}`),
)

const pass = own('memcached_pass', ['location', 'if in location'], 1, 'pass', readGatewayPass('memcached'))
const key = own(
  'memcached_pass',
  pass.in,
  1,
  'memcachedKey',
  ({ at }): Script => ({ text: '$memcached_key', at }),
)

const recorded: readonly Row[] = [
  ...passingRows('memcached', []).filter(({ name }) => SHARED.has(name)),
  list(
    'memcached_next_upstream',
    EVERYWHERE,
    [1, Number.POSITIVE_INFINITY],
    'nextUpstream',
    (node, reading) => chosen(node, Object.keys(TROUBLES), [], reading).map(each => TROUBLES[each] ?? each),
  ),
  count('memcached_gzip_flag', EVERYWHERE, 'memcachedGzipFlag'),
]

export const memcached: Module = {
  name: 'ngx_http_memcached_module',
  rows: [
    {
      ...pass,
      take(node, level, reading) {
        pass.take(node, level, reading)
        within('memcached', key).take(node, level, reading)
      },
    },
    ...recorded.map(row => within('memcached', row)),
    ...['bind_dynamic', 'request_dynamic'].map(name =>
      harmless(`memcached_${name}`, EVERYWHERE, 1, 'each request is worked out anew'),
    ),
    harmless('memcached_ignore_headers', EVERYWHERE, [1, Number.POSITIVE_INFINITY], 'memcached sends none'),
    refused(
      'memcached_allow_upstream',
      EVERYWHERE,
      'name the servers that may be asked in an upstream block',
    ),
  ],
  defaults: {
    memcached: {
      ...NOTHING_SAID,
      memcachedKey: null,
      memcachedGzipFlag: 0,
      passRequestHeaders: false,
      passRequestBody: false,
      interceptErrors: true,
      forceRanges: true,
    } satisfies MemcachedSettings,
  },
  merge(settings, own, around) {
    if (own.memcached !== undefined)
      settings.memcached = { ...(around.memcached as MemcachedSettings), ...(own.memcached as object) }
  },
}
