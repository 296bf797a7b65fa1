// Requests passed on to an upstream: to whom, with what changed, how patiently, and what becomes of the answer
// (ngx_http_proxy_module).

import type { GroupConfig, GroupShield } from '../group-config.ts'
import { readPass } from '../proxy-pass.ts'
import {
  type CookieFlags,
  type CookieReplacement,
  type ProxyRedirect,
  readCookieFlags,
  readCookieReplacement,
  readRedirect,
  settleDefault,
} from '../proxy-rewrites.ts'
import { harmless, list, own, script, word } from '../rows.ts'
import type { Script } from '../site.ts'
import { EVERYWHERE, type Module } from '../table.ts'
import type { Gateway } from './gateways.ts'
import { PASSING, type PassingSettings, passingRows } from './passing.ts'
import { mergeStore } from './store.ts'

/** Where `proxy_pass` and its like lead. */
export type Pass =
  | {
      readonly kind: 'group'
      readonly family: Family
      readonly scheme: Scheme
      /** What stands between scheme and path: a group's name, or an address; `$proxy_host`. */
      readonly host: string
      /** What takes the place of the location's part of the URI; null: the URI goes on as it came. */
      readonly uri: string | null
      /** What the name stands for where no `upstream` block has it. */
      readonly group: GroupConfig
    }
  | {
      readonly kind: 'computed'
      readonly family: Family
      readonly url: Script
      readonly group?: null
      /** What is said there of the workers of whomever it leads to; absent: nothing. */
      readonly shield?: GroupShield
    }

/** What is spoken there: HTTP, what a gateway to CGI's descendants speaks, or what is no app at all. */
export type Family = 'http' | Gateway | 'memcached'

export type Scheme = 'https' | 'suwsgi' | Family

/** Whether it is spoken over TLS. */
export function isSecure(scheme: Scheme): boolean {
  return scheme === 'https' || scheme === 'suwsgi'
}

export interface FieldSetting {
  readonly name: string
  readonly value: Script
}

export interface ProxySettings extends PassingSettings {
  readonly pass: Pass | null
  readonly passFields: readonly FieldSetting[]
  readonly proxyRedirects: readonly ProxyRedirect[]
  readonly cookieDomains: readonly CookieReplacement[]
  readonly cookiePaths: readonly CookieReplacement[]
  readonly cookieFlags: readonly CookieFlags[]
  readonly proxyMethod: Script | null
  readonly proxyBody: Script | null
  readonly proxyVersion: '1.0' | '1.1'
}

const NEXT = [
  'error timeout denied invalid_header off non_idempotent updating',
  'http_500 http_502 http_503 http_504 http_403 http_404 http_429',
].flatMap(line => line.split(' '))

/** A request goes on, and its answer comes back, as nginx has it where nothing is said. */
export const UNCHANGED = {
  proxyRedirects: [{ kind: 'default' }],
  cookieDomains: [],
  cookiePaths: [],
  cookieFlags: [],
  proxyMethod: null,
  proxyBody: null,
  proxyVersion: '1.0',
} satisfies Partial<ProxySettings>

export const proxy: Module = {
  name: 'ngx_http_proxy_module',
  rows: [
    own('proxy_pass', ['location', 'if in location', 'limit_except'], 1, 'pass', readPass),
    list('proxy_set_header', EVERYWHERE, 2, 'passFields', ({ args: [name, text], at }): FieldSetting[] => [
      { name: name!, value: { text: text!, at } },
    ]),
    ...passingRows('proxy', NEXT),
    list('proxy_redirect', EVERYWHERE, [1, 2], 'proxyRedirects', readRedirect),
    list('proxy_cookie_domain', EVERYWHERE, [1, 2], 'cookieDomains', readCookieReplacement),
    list('proxy_cookie_path', EVERYWHERE, [1, 2], 'cookiePaths', readCookieReplacement),
    list('proxy_cookie_flags', EVERYWHERE, [1, Number.POSITIVE_INFINITY], 'cookieFlags', readCookieFlags),
    script('proxy_method', EVERYWHERE, 'proxyMethod'),
    script('proxy_set_body', EVERYWHERE, 'proxyBody'),
    word('proxy_http_version', EVERYWHERE, 'proxyVersion', ['1.0', '1.1']),
    harmless('proxy_headers_hash_max_size', EVERYWHERE, 'number', 'fields are not kept in hash tables'),
    harmless('proxy_headers_hash_bucket_size', EVERYWHERE, 'number', 'fields are not kept in hash tables'),
  ],
  defaults: {
    ...PASSING,
    pass: null,
    passFields: [],
    ...UNCHANGED,
  },
  own: ['pass'],
  merge(settings, own) {
    mergeStore(settings, own)
    settleDefault(settings, own)
  },
}
