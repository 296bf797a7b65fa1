// Variables made from addresses: geo (ngx_http_geo_module). Ranges come out so that they nest or lie apart.

import { GeoRanges } from '../geo-ranges.ts'
import { type AddressRange, type AddressWords, readAddress, readRange } from '../range.ts'
import type { VariableConfig } from '../site.ts'
import type { Reading } from '../table.ts'
import type { At, DirectiveNode } from '../tree.ts'
import { linesOf } from './map.ts'

type GeoConfig = Extract<VariableConfig, { kind: 'geo' }>
type GeoEntry = GeoConfig['entries'][number]

/** What a block's lines add up to. */
class GeoDraft {
  readonly proxies: AddressRange[] = []
  /** With `ranges`. */
  readonly spans = new GeoRanges()
  /** Without, by their text in one form. */
  readonly networks = new Map<string, GeoEntry>()
  fallback: string | null = null
  ranges = false
  recursive = false
  volatile = false
  readonly #reading: Reading

  constructor(reading: Reading) {
    this.#reading = reading
  }

  flag(word: string, at: At): void {
    if (word === 'proxy_recursive') this.recursive = true
    if (word === 'volatile') this.volatile = true
    if (word !== 'ranges') return
    if (this.networks.size > 0 || (this.fallback !== null && !this.ranges))
      this.#reading.problem('the "ranges" directive must be the first directive inside "geo" block', at)
    this.ranges = true
  }

  line(key: string, value: string, at: At): void {
    if (key === 'proxy') this.#proxy(value, at)
    else if (key === 'default') this.#default(value, at)
    else if (this.ranges) this.#span(key, value, at)
    else this.#network(key, value, at)
  }

  #proxy(text: string, at: At): void {
    const range = this.#range(text, at)
    if (range !== null) this.proxies.push(range)
  }

  // Without `ranges` it is the network of all addresses, of either family, and takes the place of those written out.
  #default(value: string, at: At): void {
    const old = this.fallback ?? (this.ranges ? null : this.networks.get('0/0')?.value)
    if (old !== null && old !== undefined) {
      const what = this.ranges
        ? `default geo range value: "${value}"`
        : `network "default", value: "${value}"`
      this.#reading.remark('warn', `duplicate ${what}, old value: "${old}"`, at)
    }
    for (const all of ['0/0', '0,0,0,0/0']) this.networks.delete(all)
    this.fallback = value
  }

  #span(key: string, value: string, at: At): void {
    const isDelete = key === 'delete'
    const text = isDelete ? value : key
    const [from, to] = text.split('-', 2).map(readAddress)
    if (from?.length !== 1 || to?.length !== 1 || from[0]! > to[0]!) {
      this.#reading.problem(`invalid range "${text}"`, at)
    } else if (!isDelete) {
      const said = this.spans.add(from[0]!, to[0]!, value, text)
      if (said?.level === 'emerg') this.#reading.problem(said.message, at)
      else if (said !== null) this.#reading.remark(said.level, said.message, at)
    } else if (!this.spans.remove(from[0]!, to[0]!)) {
      this.#reading.remark('warn', `no address range "${text}" to delete`, at)
    }
  }

  #network(key: string, value: string, at: At): void {
    const isDelete = key === 'delete'
    const text = isDelete ? value : key
    const range = this.#range(text, at)
    if (range === null) return
    const name = `${range.words}/${range.bits}`
    const old = this.networks.get(name)?.value
    if (isDelete) {
      if (!this.networks.delete(name)) this.#reading.remark('warn', `no network "${text}" to delete`, at)
      return
    }
    if (old !== undefined) {
      const message = `duplicate network "${text}", value: "${value}", old value: "${old}"`
      this.#reading.remark('warn', message, at)
    }
    this.networks.set(name, { from: range.words, to: lastOf(range), value })
  }

  #range(text: string, at: At): AddressRange | null {
    const read = readRange(text)
    if (read === null) this.#reading.problem(`invalid network "${text}"`, at)
    else if (read.masked) this.#reading.remark('warn', `low address bits of ${text} are meaningless`, at)
    return read?.range ?? null
  }
}

/**
 * @param variable its name without the dollar sign
 * @param reading gets what is wrong
 */
export function readGeo(node: DirectiveNode, variable: string, reading: Reading): GeoConfig {
  const draft = new GeoDraft(reading)
  for (const { key, value, at } of linesOf(node, ['ranges', 'proxy_recursive', 'volatile'], reading)) {
    if (value === null) draft.flag(key, at)
    else draft.line(key, value, at)
  }
  const { args, at } = node
  if (args.length === 2 && !/^\$\w/.test(args[0]!)) reading.problem(`invalid variable name "${args[0]}"`, at)
  const { ranges, recursive, volatile, proxies, fallback } = draft
  return {
    kind: 'geo',
    variable,
    // One variable, which no text stands beside (ngx_http_geo_block).
    source:
      args.length === 2
        ? { text: args[0]!, at, ...(/^\$[A-Za-z_]\w*$/.test(args[0]!) ? {} : { whole: true }) }
        : null,
    ranges,
    proxies,
    recursive,
    volatile,
    entries: ranges ? draft.spans.entries() : [...draft.networks.values()],
    fallback: fallback ?? '',
    at,
  }
}

/** The last address of a range. */
function lastOf({ words, bits }: AddressRange): AddressWords {
  return words.map((word, at) => {
    const fixed = bits - at * 32
    const free = fixed <= 0 ? 0xffff_ffff : fixed >= 32 ? 0 : 0xffff_ffff >>> fixed
    return (word | free) >>> 0
  })
}
