// What is kept of an app's answers for others who ask the same, and when a kept one is given: the part of
// ngx_http_proxy_module that is about its cache.

import { readCachePath, seconds } from '../cache-path.ts'
import { count, flag, list, own, refused, script, several, size, time } from '../rows.ts'
import type { Script, SiteConfig } from '../site.ts'
import { EVERYWHERE, type Module, type Reading, type Row } from '../table.ts'
import type { At, DirectiveNode } from '../tree.ts'
import { refuseBeside } from './store.ts'

/** How long an answer is good for that does not say so itself. */
export interface CacheTime {
  /** 0: any. */
  readonly status: number
  readonly ms: number
}

export interface ProxyCacheSettings {
  /** The name of a zone, or a text that works out to one; null: nothing is kept. */
  readonly cache: Script | null
  /** Null: where the request goes, as nginx has it. */
  readonly cacheKey: Script | null
  readonly cacheTimes: readonly CacheTime[]
  /** Beside GET and HEAD. */
  readonly cacheMethods: readonly string[]
  readonly cacheConvertsHead: boolean
  /** With any of them a request is not answered by what is kept. */
  readonly cacheBypass: readonly Script[]
  /** With any of them an answer is not kept. */
  readonly noCache: readonly Script[]
  readonly cacheMinUses: number
  /** For which troubles an answer is given whose time is over. */
  readonly cacheStale: readonly string[]
  readonly cacheBackgroundUpdate: boolean
  readonly cacheLock: boolean
  /** Milliseconds, as all of these. */
  readonly cacheLockTimeout: number
  readonly cacheLockAge: number
  readonly cacheRevalidate: boolean
  /** From this byte on, a range is asked for as it came, and not kept; null: from none. */
  readonly cacheMaxRangeOffset: number | null
}

const MANY = [1, Number.POSITIVE_INFINITY] as const

/** Of `proxy_cache_use_stale` (ngx_http_proxy_next_upstream_masks). */
const TROUBLES = [
  'error timeout invalid_header non_idempotent updating off',
  'http_500 http_502 http_503 http_504 http_403 http_404 http_429',
].flatMap(line => line.split(' '))

/** ngx_http_upstream_cache_method_mask. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'].concat(
  'MKCOL COPY MOVE OPTIONS PROPFIND PROPPATCH LOCK UNLOCK PATCH'.split(' '),
)

/** These do not say which status they are for. */
const USUAL_STATUSES = [200, 301, 302]

/** Where nothing is said. */
export const UNCACHED: ProxyCacheSettings = {
  cache: null,
  cacheKey: null,
  cacheTimes: [],
  cacheMethods: [],
  cacheConvertsHead: true,
  cacheBypass: [],
  noCache: [],
  cacheMinUses: 1,
  cacheStale: ['off'],
  cacheBackgroundUpdate: false,
  cacheLock: false,
  cacheLockTimeout: 5_000,
  cacheLockAge: 5_000,
  cacheRevalidate: false,
  cacheMaxRangeOffset: null,
}

/**
 * The rows of one module, but for that of the path.
 * @param prefix what its directives begin with, such as `proxy`
 * @param troubles what its `…_cache_use_stale` may name
 */
export function cacheRows(prefix: string, troubles: readonly string[]): Row[] {
  const named = (name: string) => `${prefix}_cache_${name}`
  return [
    own(`${prefix}_cache`, EVERYWHERE, 1, 'cache', ({ args, at, name }, reading, level): Script | null => {
      if (args[0] === 'off') return null
      refuseBeside(level.own.store, name, `${prefix}_store`, at, reading)
      return { text: args[0]!, at }
    }),
    script(named('key'), EVERYWHERE, 'cacheKey'),
    list(named('valid'), EVERYWHERE, MANY, 'cacheTimes', readTimes),
    several(named('methods'), EVERYWHERE, 'cacheMethods', METHODS),
    list(named('bypass'), EVERYWHERE, MANY, 'cacheBypass', readConditions),
    list(`${prefix}_no_cache`, EVERYWHERE, MANY, 'noCache', readConditions),
    count(named('min_uses'), EVERYWHERE, 'cacheMinUses'),
    several(named('use_stale'), EVERYWHERE, 'cacheStale', troubles),
    flag(named('background_update'), EVERYWHERE, 'cacheBackgroundUpdate'),
    flag(named('lock'), EVERYWHERE, 'cacheLock'),
    time(named('lock_timeout'), EVERYWHERE, 'cacheLockTimeout'),
    time(named('lock_age'), EVERYWHERE, 'cacheLockAge'),
    flag(named('revalidate'), EVERYWHERE, 'cacheRevalidate'),
    size(named('max_range_offset'), EVERYWHERE, 'cacheMaxRangeOffset'),
    refused(
      named('purge'),
      EVERYWHERE,
      `it is of nginx Plus; remove the file, whose name is the MD5 of its key, or have it made anew by ${prefix}_cache_bypass`,
    ),
  ]
}

/** Tells of zones that no path defines; one may be defined after its first use. */
export function checkZones(
  prefix: string,
  places: Iterable<Pick<ProxyCacheSettings, 'cache'>>,
  { caches }: Pick<SiteConfig, 'caches'>,
  reading: Pick<Reading, 'problem'>,
): void {
  const told = new Set<At>()
  for (const { cache } of places) {
    if (cache === null || cache.text.includes('$') || told.has(cache.at)) continue
    told.add(cache.at)
    if (!caches.some(({ name }) => name === cache.text))
      reading.problem(`"${prefix}_cache" zone "${cache.text}" is unknown`, cache.at)
  }
}

export const proxyCache: Module = {
  name: 'ngx_http_proxy_module',
  rows: [
    cachePathRow('proxy'),
    ...cacheRows('proxy', TROUBLES),
    flag('proxy_cache_convert_head', EVERYWHERE, 'cacheConvertsHead'),
  ],
  defaults: { ...UNCACHED },
  check(site, places, reading) {
    const own = places.filter(({ pass }) => pass === null || pass.family === 'http')
    checkZones('proxy', own, site, reading)
  },
}

/** Where answers are kept, under a name that all modules may use. */
export function cachePathRow(prefix: string): Row {
  return {
    name: `${prefix}_cache_path`,
    in: ['http'],
    args: [2, Number.POSITIVE_INFINITY],
    repeats: true,
    take(node, _level, reading) {
      const read = readCachePath(node, reading)
      if (read === null) return
      const { caches, zones } = reading.site
      const { at } = node
      const same = caches.find(each => each.path === read.path)
      if (same !== undefined) {
        const [one, other] = [at, same.at].map(({ file, line }) => `${file}:${line}`)
        reading.problem(`the same path name "${read.path}" used in ${other} and in ${one}`, at)
      } else if (caches.some(each => each.name === read.name))
        reading.problem(`duplicate zone "${read.name}"`, at)
      else if (zones.some(each => each.name === read.name))
        reading.problem(`the shared memory zone "${read.name}" is already declared for a different use`, at)
      else caches.push(read)
    },
  }
}

function readTimes({ args, at }: DirectiveNode, reading: Reading): CacheTime[] {
  const ms = seconds(args.at(-1)!)
  if (ms === null) {
    reading.problem(`invalid time value "${args.at(-1)}"`, at)
    return []
  }
  if (args.length === 1) return USUAL_STATUSES.map(status => ({ status, ms }))
  const times: CacheTime[] = []
  for (const each of args.slice(0, -1)) {
    const status = each === 'any' ? 0 : /^\d{3,9}$/.test(each) ? Number(each) : -1
    if (status !== 0 && (status < 100 || status > 599)) reading.problem(`invalid status "${each}"`, at)
    else times.push({ status, ms })
  }
  return times
}

function readConditions({ args, at }: DirectiveNode): Script[] {
  return args.map(text => ({ text, at }))
}
