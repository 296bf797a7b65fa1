// Requests passed on to an upstream: to whom, with what changed, how patiently, and what becomes of the answer
// (ngx_http_proxy_module).

import { readPass } from '../proxy-pass.ts'
import {
  type CookieFlags,
  type CookieReplacement,
  type ProxyRedirect,
  readCookieFlags,
  readCookieReplacement,
  readRedirect,
} from '../proxy-rewrites.ts'
import type { GroupConfig, Script } from '../site.ts'
import {
  count,
  EVERYWHERE,
  EVERYWHERE_AND_IF,
  flag,
  harmless,
  invalidValue,
  list,
  type Module,
  own,
  type Reading,
  script,
  size,
  time,
  word,
} from '../table.ts'
import type { DirectiveNode } from '../tree.ts'
import { withoutEffect } from '../without-effect.ts'

/** Where `proxy_pass` leads. */
export type Pass =
  | {
      readonly kind: 'group'
      readonly scheme: 'http' | 'https'
      /** What stands between scheme and path: a group's name, or an address; `$proxy_host`. */
      readonly host: string
      /** What takes the place of the location's part of the URI; null: the URI goes on as it came. */
      readonly uri: string | null
      /** What the name stands for where no `upstream` block has it. */
      readonly group: GroupConfig
    }
  | { readonly kind: 'computed'; readonly url: Script; readonly group?: null }

export interface FieldSetting {
  readonly name: string
  readonly value: Script
}

export interface ProxySettings {
  readonly pass: Pass | null
  readonly passFields: readonly FieldSetting[]
  readonly passRequestHeaders: boolean
  readonly passRequestBody: boolean
  readonly hideFields: readonly string[]
  readonly keepFields: readonly string[]
  readonly ignoreFields: readonly string[]
  readonly proxyRedirects: readonly ProxyRedirect[]
  readonly cookieDomains: readonly CookieReplacement[]
  readonly cookiePaths: readonly CookieReplacement[]
  readonly cookieFlags: readonly CookieFlags[]
  readonly proxyMethod: Script | null
  readonly proxyBody: Script | null
  readonly proxyVersion: '1.0' | '1.1'
  readonly responseBuffering: boolean
  readonly requestBuffering: boolean
  readonly connectTimeout: number | null
  readonly readTimeout: number | null
  readonly nextUpstream: readonly string[]
  readonly nextUpstreamTries: number
  readonly nextUpstreamTimeout: number
  readonly interceptErrors: boolean
  readonly proxyBind: Script | null
  readonly forceRanges: boolean
}

const NEXT = [
  'error timeout denied invalid_header off non_idempotent updating',
  'http_500 http_502 http_503 http_504 http_403 http_404 http_429',
].flatMap(line => line.split(' '))

const MANY = [1, Number.POSITIVE_INFINITY] as const
const NO_CACHE = 'this proxy keeps no cache; every request is answered by the app'
const SPOOL =
  'answers are kept by the spool (--spool-memory, --spool-disk), whose limits are for all requests together'

export const proxy: Module = {
  name: 'ngx_http_proxy_module',
  rows: [
    own('proxy_pass', ['location', 'if in location', 'limit_except'], 1, 'pass', readPass),
    list('proxy_set_header', EVERYWHERE, 2, 'passFields', ({ args: [name, text], at }): FieldSetting[] => [
      { name: name!, value: { text: text!, at } },
    ]),
    flag('proxy_pass_request_headers', EVERYWHERE, 'passRequestHeaders'),
    flag('proxy_pass_request_body', EVERYWHERE, 'passRequestBody'),
    list('proxy_hide_header', EVERYWHERE, 1, 'hideFields', ({ args }) => [args[0]!.toLowerCase()]),
    list('proxy_pass_header', EVERYWHERE, 1, 'keepFields', ({ args }) => [args[0]!.toLowerCase()]),
    list('proxy_ignore_headers', EVERYWHERE, [1, Number.POSITIVE_INFINITY], 'ignoreFields', readIgnored),
    list('proxy_redirect', EVERYWHERE, [1, 2], 'proxyRedirects', readRedirect),
    list('proxy_cookie_domain', EVERYWHERE, [1, 2], 'cookieDomains', readCookieReplacement),
    list('proxy_cookie_path', EVERYWHERE, [1, 2], 'cookiePaths', readCookieReplacement),
    list('proxy_cookie_flags', EVERYWHERE, [1, Number.POSITIVE_INFINITY], 'cookieFlags', readCookieFlags),
    script('proxy_method', EVERYWHERE, 'proxyMethod'),
    script('proxy_set_body', EVERYWHERE, 'proxyBody'),
    word('proxy_http_version', EVERYWHERE, 'proxyVersion', ['1.0', '1.1']),
    flag('proxy_buffering', EVERYWHERE, 'responseBuffering'),
    flag('proxy_request_buffering', EVERYWHERE, 'requestBuffering'),
    time('proxy_connect_timeout', EVERYWHERE, 'connectTimeout'),
    time('proxy_read_timeout', EVERYWHERE, 'readTimeout'),
    withoutEffect(
      time('proxy_send_timeout', EVERYWHERE, ''),
      'proxy_read_timeout runs while the app takes the request, too',
    ),
    own('proxy_next_upstream', EVERYWHERE, [1, Number.POSITIVE_INFINITY], 'nextUpstream', (node, reading) => {
      for (const each of node.args)
        if (!NEXT.includes(each)) reading.problem(invalidValue(node, each), node.at)
      return node.args
    }),
    count('proxy_next_upstream_tries', EVERYWHERE, 'nextUpstreamTries'),
    time('proxy_next_upstream_timeout', EVERYWHERE, 'nextUpstreamTimeout'),
    flag('proxy_intercept_errors', EVERYWHERE, 'interceptErrors'),
    withoutEffect(
      flag('proxy_ignore_client_abort', EVERYWHERE, ''),
      'a worker that has begun goes on in any case; a request whose client leaves while it waits is not begun',
    ),
    harmless(
      'proxy_limit_rate',
      EVERYWHERE,
      1,
      'an answer is taken as fast as the app makes it, so that its worker is free; limit_rate is for clients',
    ),
    own('proxy_bind', EVERYWHERE, [1, 2], 'proxyBind', (node, reading) => {
      if (node.args[1] === 'transparent')
        reading.problem(
          '"proxy_bind … transparent" needs routing that this proxy does not set up; leave "transparent" out',
          node.at,
        )
      return node.args[0] === 'off' ? null : { text: node.args[0]!, at: node.at }
    }),
    flag('proxy_force_ranges', EVERYWHERE, 'forceRanges'),
    withoutEffect(size('proxy_max_temp_file_size', EVERYWHERE, ''), SPOOL),
    harmless('proxy_socket_keepalive', EVERYWHERE, 1, 'each connection to the upstream carries one request'),
    harmless('proxy_buffers', EVERYWHERE, 2, SPOOL),
    harmless('proxy_buffer_size', EVERYWHERE, 1, 'a head may be as large as --max-header allows'),
    harmless('proxy_busy_buffers_size', EVERYWHERE, 1, SPOOL),
    harmless('proxy_temp_file_write_size', EVERYWHERE, 1, SPOOL),
    harmless('proxy_temp_path', EVERYWHERE, [1, 4], 'temporary files go to --spool-dir'),
    harmless('proxy_headers_hash_max_size', EVERYWHERE, 1, 'fields are not kept in hash tables'),
    harmless('proxy_headers_hash_bucket_size', EVERYWHERE, 1, 'fields are not kept in hash tables'),
    harmless('proxy_store', EVERYWHERE, 1, 'answers are not kept on disk for others'),
    harmless('proxy_store_access', EVERYWHERE, [1, 3], 'answers are not kept on disk for others'),
    harmless('proxy_cache', EVERYWHERE, 1, NO_CACHE),
    harmless('proxy_cache_path', ['http'], [2, Number.POSITIVE_INFINITY], NO_CACHE),
    ...'background_update bypass convert_head key lock lock_age lock_timeout max_range_offset methods min_uses purge revalidate use_stale valid'
      .split(' ')
      .map(name => harmless(`proxy_cache_${name}`, EVERYWHERE_AND_IF, MANY, NO_CACHE)),
    harmless('proxy_no_cache', EVERYWHERE, MANY, NO_CACHE),
  ],
  defaults: {
    pass: null,
    passFields: [],
    passRequestHeaders: true,
    passRequestBody: true,
    hideFields: [],
    keepFields: [],
    ignoreFields: [],
    proxyRedirects: [{ kind: 'default' }],
    cookieDomains: [],
    cookiePaths: [],
    cookieFlags: [],
    proxyMethod: null,
    proxyBody: null,
    proxyVersion: '1.0',
    responseBuffering: true,
    requestBuffering: true,
    connectTimeout: null,
    readTimeout: null,
    nextUpstream: ['error', 'timeout'],
    nextUpstreamTries: 0,
    nextUpstreamTimeout: 0,
    interceptErrors: false,
    proxyBind: null,
    forceRanges: false,
  },
  own: ['pass'],
}

function readIgnored(node: DirectiveNode, reading: Reading): string[] {
  const known =
    'x-accel-redirect x-accel-expires x-accel-limit-rate x-accel-buffering x-accel-charset expires cache-control set-cookie vary'.split(
      ' ',
    )
  for (const each of node.args) {
    if (!known.includes(each.toLowerCase())) reading.problem(invalidValue(node, each), node.at)
  }
  return node.args.map(each => each.toLowerCase())
}
