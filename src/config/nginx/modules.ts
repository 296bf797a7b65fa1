// Every module's directives in one list, and the look-up by name. A new module is added here and in `settings.ts`.

import { access } from './modules/access.ts'
import { addition } from './modules/addition.ts'
import { blocks } from './modules/blocks.ts'
import { browser } from './modules/browser.ts'
import { catalogue } from './modules/catalogue.ts'
import { charset } from './modules/charset.ts'
import { core } from './modules/core.ts'
import { dav } from './modules/dav.ts'
import { flv, mp4 } from './modules/films.ts'
import { fastcgi, scgi, uwsgi } from './modules/gateways.ts'
import { gzip } from './modules/gzip.ts'
import { headers } from './modules/headers.ts'
import { limits } from './modules/limits.ts'
import { log } from './modules/log.ts'
import { main } from './modules/main.ts'
import { map } from './modules/map.ts'
import { memcached } from './modules/memcached.ts'
import { mirror } from './modules/mirror.ts'
import { proxy } from './modules/proxy.ts'
import { proxyCache } from './modules/proxy-cache.ts'
import { proxyTls } from './modules/proxy-tls.ts'
import { realIp } from './modules/real-ip.ts'
import { rewrite } from './modules/rewrite.ts'
import { shield } from './modules/shield.ts'
import { slice } from './modules/slice.ts'
import { ssi } from './modules/ssi.ts'
import { statics } from './modules/static.ts'
import { status } from './modules/status.ts'
import { sub } from './modules/sub.ts'
import { tls } from './modules/tls.ts'
import { upstream } from './modules/upstream.ts'
import { userId } from './modules/user-id.ts'
import type { Module, Row } from './table.ts'

export const MODULES: readonly Module[] = [
  main,
  blocks,
  core,
  statics,
  slice,
  proxy,
  proxyCache,
  proxyTls,
  uwsgi,
  fastcgi,
  scgi,
  memcached,
  upstream,
  headers,
  gzip,
  charset,
  sub,
  addition,
  mirror,
  access,
  limits,
  realIp,
  rewrite,
  map,
  log,
  tls,
  browser,
  userId,
  status,
  ssi,
  dav,
  flv,
  mp4,
  shield,
  ...catalogue,
]

const BY_NAME = new Map<string, Row[]>()
for (const { rows } of MODULES) {
  for (const row of rows) {
    const same = BY_NAME.get(row.name)
    if (same === undefined) BY_NAME.set(row.name, [row])
    else same.push(row)
  }
}

/** The rows of that name, one for each kind of place where it means something else; none: nobody knows it. */
export function rowsOf(name: string): readonly Row[] {
  return BY_NAME.get(name) ?? []
}

/** Every directive that has a row, also those that are refused. */
export function knownNames(): readonly string[] {
  return [...BY_NAME.keys()]
}
