// Requests passed on to app servers that do not speak HTTP: uwsgi, FastCGI, SCGI (ngx_http_uwsgi_module,
// ngx_http_fastcgi_module, ngx_http_scgi_module). Each has one record in the settings, with all that its own directives
// say; where a place passes on by one of them, that takes the place of what `proxy_…` says there (`placed`).

import { readGatewayPass } from '../gateway-pass.ts'
import { countGroups } from '../pattern-groups.ts'
import { flag, harmless, list, own, refused, text } from '../rows.ts'
import type { Script } from '../site.ts'
import { EVERYWHERE, type Module, type Reading, type Row } from '../table.ts'
import type { At, DirectiveNode } from '../tree.ts'
import { readNumber } from '../units.ts'
import { withoutEffect } from '../without-effect.ts'
import type { MemcachedSettings } from './memcached.ts'
import { PASSING, type PassingSettings, passingRows } from './passing.ts'
import { type Pass, type ProxySettings, UNCHANGED } from './proxy.ts'
import { cachePathRow, cacheRows, checkZones, type ProxyCacheSettings, UNCACHED } from './proxy-cache.ts'
import { mergedTls, NO_TLS, type ProxyTls, tlsRows } from './proxy-tls.ts'
import { mergeStore } from './store.ts'

export type Gateway = 'uwsgi' | 'fastcgi' | 'scgi'

/** What an app server is told of a request. */
export interface Parameter {
  readonly name: string
  readonly value: Script
  /** It is left out where nothing comes of it. */
  readonly ifNotEmpty: boolean
}

/** `proxy_…` that gateways have no word for. */
type WithoutWord = Omit<ProxySettings, keyof PassingSettings | 'pass' | 'passFields'>

export interface GatewaySettings extends PassingSettings, ProxyCacheSettings, WithoutWord {
  readonly params: readonly Parameter[]
  readonly proxyTls: ProxyTls
}

export interface UwsgiSettings extends GatewaySettings {
  /** Each one byte, as written. */
  readonly modifier1: number
  readonly modifier2: number
  /** What follows the parameters, byte for byte. */
  readonly uwsgiString: string
}

export interface FastcgiSettings extends GatewaySettings {
  /** What a script's name that ends with a slash goes on with. */
  readonly fastcgiIndex: string
  /** Two groups: the script, and what comes after it; null: all of it is the script's name. */
  readonly splitPathInfo: {
    readonly pattern: string
    readonly caseless: boolean
    readonly at: At
  } | null
  /** What makes an answer none where it is said on the error stream before it. */
  readonly catchStderr: readonly string[]
}

export interface GatewaysSettings {
  readonly uwsgi: UwsgiSettings
  readonly fastcgi: FastcgiSettings
  readonly scgi: GatewaySettings
  readonly memcached: MemcachedSettings
}

export const NOTHING_SAID: GatewaySettings = {
  ...PASSING,
  ...UNCACHED,
  // HEAD goes to an app as it came.
  cacheConvertsHead: false,
  // A body goes over with its length: what comes in chunks is taken in whole.
  ...UNCHANGED,
  // What an app says of places is passed on as it stands, as what it says of cookies is.
  proxyRedirects: [{ kind: 'off' }],
  params: [],
  proxyTls: NO_TLS,
}

const NEXT =
  'error timeout invalid_header non_idempotent http_500 http_503 http_403 http_404 http_429 updating off'
const ONE_REQUEST = 'each request has a connection of its own'

/** A row whose value goes into the record of its module. */
export function within(record: Gateway | 'memcached', row: Row): Row {
  if (row.state === 'refused') return row
  return {
    ...row,
    take(node, level, reading) {
      const own = (level.own[record] ??= {}) as Record<string, unknown>
      row.take(node, { ...level, own }, reading)
    },
  }
}

function gateway(name: Gateway, defaults: object, rows: readonly Row[] = []): Module {
  const named = (text: string) => `${name}_${text}`
  const recorded: readonly Row[] = [
    list(named('param'), EVERYWHERE, [2, 3], 'params', readParameter),
    ...passingRows(name, NEXT.split(' ')),
    ...rows,
    ...cacheRows(name, NEXT.split(' ')),
    harmless(named('bind_dynamic'), EVERYWHERE, 1, `${ONE_REQUEST}, so that it is worked out anew for each`),
    harmless(
      named('request_dynamic'),
      EVERYWHERE,
      1,
      `${ONE_REQUEST}, so that it is worked out anew for each`,
    ),
  ]
  return {
    name: `ngx_http_${name}_module`,
    rows: [
      own(named('pass'), ['location', 'if in location'], 1, 'pass', readGatewayPass(name)),
      ...recorded.map(row => within(name, row)),
      cachePathRow(name),
      refused(named('allow_upstream'), EVERYWHERE, 'name the servers that may be asked in an upstream block'),
    ],
    defaults: { [name]: { ...NOTHING_SAID, ...defaults } },
    merge(settings, own, around) {
      const said = own[name] as Partial<GatewaySettings> | undefined
      if (said === undefined) return
      const before = around[name] as GatewaySettings
      const merged = { ...before, ...said, proxyTls: mergedTls(said.proxyTls, before.proxyTls) }
      mergeStore(merged, said)
      settings[name] = merged
    },
    check(site, places, reading) {
      checkZones(
        name,
        places.map(place => place[name]),
        site,
        reading,
      )
      const told = new Set<At>()
      for (const { [name]: own } of places) {
        const { cache, cacheKey } = own
        if (cache === null || cacheKey !== null || told.has(cache.at)) continue
        told.add(cache.at)
        reading.remark('warn', `no "${name}_cache_key" for "${name}_cache"`, cache.at)
      }
    },
  }
}

function readParameter({ args: [name, value, third], at }: DirectiveNode, reading: Reading): Parameter[] {
  if (third !== undefined && third !== 'if_not_empty') reading.problem(`invalid parameter "${third}"`, at)
  return [{ name: name!, value: { text: value!, at }, ifNotEmpty: third !== undefined }]
}

/** A number that fits into a byte. */
function modifier(name: string, field: keyof UwsgiSettings): Row {
  return own(name, EVERYWHERE, 1, field, ({ args: [number], at }, reading) => {
    if (readNumber(number!) === null) reading.problem(`"${name}" directive invalid number`, at)
    else if (Number(number) > 255) reading.problem('value must be between 0 and 255', at)
    return Number(number)
  })
}

function readSplit({ args, at }: DirectiveNode, reading: Reading): FastcgiSettings['splitPathInfo'] {
  const pattern = args[0]!
  if (countGroups(pattern) !== 2) reading.problem(`pattern "${pattern}" must have 2 captures`, at)
  return { pattern, caseless: false, at }
}

export const uwsgi: Module = gateway('uwsgi', { modifier1: 0, modifier2: 0, uwsgiString: '' }, [
  modifier('uwsgi_modifier1', 'modifier1'),
  modifier('uwsgi_modifier2', 'modifier2'),
  text('uwsgi_string', EVERYWHERE, 'uwsgiString'),
  ...tlsRows('uwsgi'),
  harmless('uwsgi_ssl_key_log', EVERYWHERE, 1, 'keys of connections are not written down'),
])

export const fastcgi: Module = gateway(
  'fastcgi',
  // Its records need no length beforehand: a body in chunks goes on as it comes where that is wanted.
  { proxyVersion: '1.1', fastcgiIndex: '', splitPathInfo: null, catchStderr: [] },
  [
    text('fastcgi_index', EVERYWHERE, 'fastcgiIndex'),
    // The last one holds: Debian's fastcgi-php.conf has one, and files that include it may have another.
    { ...own('fastcgi_split_path_info', EVERYWHERE, 1, 'splitPathInfo', readSplit), repeats: true },
    list('fastcgi_catch_stderr', EVERYWHERE, 1, 'catchStderr', ({ args }) => args),
    withoutEffect(
      flag('fastcgi_keep_conn', EVERYWHERE, ''),
      `${ONE_REQUEST}, so that no child is held by an idle one`,
    ),
    harmless('fastcgi_send_lowat', EVERYWHERE, 'size', 'the kernel says when there is room for more'),
  ],
)

export const scgi: Module = gateway('scgi', {})

type Fields = Record<string, unknown>

/**
 * The settings of a place as whoever passes on reads them: where that is by a gateway, nothing that `proxy_…` says holds, and
 * what the gateway's own directives say stands in its place.
 * @param unsaid the fields of the proxy module, as where none of its directives says anything
 */
export function placed(settings: Fields, unsaid: Fields): Fields {
  const { pass } = settings as { pass: Pass | null }
  if (pass === null || pass.family === 'http') return settings
  return { ...settings, ...unsaid, ...(settings[pass.family] as object), pass }
}
