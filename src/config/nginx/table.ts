// What a row of the directive tables is, and what it is given when its directive is met. A directive is added by adding
// a row and a test. Knows no directive itself.

import { isAbsolute, join } from 'node:path'
import type { Settings } from './settings.ts'
import type { RewriteOp, Script, SiteConfig } from './site.ts'
import type { At, DirectiveNode, Remark } from './tree.ts'

export type Context =
  | 'main'
  | 'events'
  | 'http'
  | 'server'
  | 'location'
  | 'if in server'
  | 'if in location'
  | 'limit_except'
  | 'upstream'

/** The places of settings that every location inherits. */
export const EVERYWHERE: readonly Context[] = ['http', 'server', 'location']
export const EVERYWHERE_AND_IF: readonly Context[] = ['http', 'server', 'location', 'if in location']

export interface Row {
  readonly name: string
  readonly in: readonly Context[]
  /** How many words may follow the name: exactly so many, or from and to. */
  readonly args: number | readonly [least: number, most: number]
  /** It has braces. */
  readonly block?: boolean
  /** It may stand more than once in one block. */
  readonly repeats?: boolean
  /** What it does; null: nothing, and `note` says why that does no harm. */
  take(node: DirectiveNode, level: Level, reading: Reading): void
  /**
   * `harmless`: accepted, and `note` says once why it has no effect here. `refused`: an error, and `note` says what to
   * do instead. Absent: supported.
   */
  readonly state?: 'harmless' | 'refused'
  readonly note?: string
  /** It is refused only where it is switched on. */
  readonly unlessOff?: boolean
}

/** One module's directives, in nginx's own grouping. */
export interface Module {
  /** As in nginx's documentation, such as `ngx_http_proxy_module`. */
  readonly name: string
  readonly rows: readonly Row[]
  /** The settings that hold where nothing is said, by field. */
  readonly defaults: Readonly<Record<string, unknown>>
  /** Fields that a block within does not get from the one around it (an `if` does). */
  readonly own?: readonly string[]
  /** Called for each finished set of settings, for what depends on several fields. */
  merge?(
    settings: Record<string, unknown>,
    own: Record<string, unknown>,
    around: Record<string, unknown>,
  ): void
  /** Called once with the site and the settings of all its places, for what one part says of another. */
  check?(site: SiteConfig, settings: readonly Settings[], reading: Reading): void
}

/** A block under construction. */
export interface Level {
  readonly context: Context
  readonly around: Level | null
  readonly node: DirectiveNode | null
  /** What is set in this very block, by field of `Settings` (of `MainConfig`, of a server's or an upstream's draft). */
  readonly own: Record<string, unknown>
  /** Of a server or a location: what its `rewrite`, `set`, `if`, `return`, `break` come to, in order. */
  readonly rewrites: RewriteDraft[]
  readonly within: Level[]
}

/** An `if` holds a level until the settings around it are known. */
export type RewriteDraft =
  | Exclude<RewriteOp, { op: 'if' }>
  | {
      readonly op: 'if'
      readonly condition: Extract<RewriteOp, { op: 'if' }>['condition']
      readonly level: Level
      readonly at: At
    }

/** What is collected while the tree is walked, beside settings. */
export type SiteDraft = {
  -readonly [Key in 'groups' | 'variables' | 'zones' | 'caches' | 'logFormats']: SiteConfig[Key][number][]
}

export interface Reading {
  /** The folder of relative paths: nginx's prefix. */
  readonly prefix: string
  /** The folder of the main file, which nginx looks into for what it includes, for certificates and passwords. */
  readonly folder: string
  readonly site: SiteDraft
  /** A problem at this directive, in nginx's words; reading goes on. */
  problem(message: string, at: At): void
  /** Once for each text. */
  remark(level: Remark['level'], message: string, at: At): void
  /** Walks the directives of a block in a context. */
  walk(nodes: readonly DirectiveNode[], level: Level): void
  /** A new block within this one. */
  enter(context: Context, node: DirectiveNode, around: Level): Level
}

/** An absolute path, relative ones from the prefix. */
export function fromPrefix(path: string, reading: Pick<Reading, 'prefix'>): string {
  return isAbsolute(path) ? path : join(reading.prefix, path)
}

/** An absolute path, relative ones from the main file's folder. */
export function fromFolder(path: string, reading: Pick<Reading, 'folder'>): string {
  return isAbsolute(path) ? path : join(reading.folder, path)
}

/** What nginx says of a value that it does not take. */
export function invalidValue(node: DirectiveNode, value: string, allowed = ''): string {
  return `invalid value "${value}" in "${node.name}" directive${allowed === '' ? '' : `, it must be ${allowed}`}`
}

// — rows of the usual kinds

type Places = readonly Context[]
type More = Pick<Row, 'repeats'>

function row<T>(
  name: string,
  places: Places,
  args: Row['args'],
  field: string,
  read: (node: DirectiveNode, reading: Reading, level: Level) => T | undefined,
  more: More = {},
): Row {
  return {
    name,
    in: places,
    args,
    ...more,
    take(node, level, reading) {
      const value = read(node, reading, level)
      if (value !== undefined) level.own[field] = value
    },
  }
}

/** `on` or `off`. */
export function flag(name: string, places: Places, field: string): Row {
  return row(name, places, 1, field, (node, reading) => {
    const value = node.args[0]!.toLowerCase()
    if (value === 'on' || value === 'off') return value === 'on'
    reading.problem(invalidValue(node, node.args[0]!, '"on" or "off"'), node.at)
    return undefined
  })
}

/** One of a few words. */
export function word(name: string, places: Places, field: string, words: readonly string[]): Row {
  return row(name, places, 1, field, (node, reading) => {
    const value = node.args[0]!
    if (words.includes(value)) return value
    reading.problem(invalidValue(node, value, words.map(each => `"${each}"`).join(' or ')), node.at)
    return undefined
  })
}

/** A time, in milliseconds. */
export function time(name: string, places: Places, field: string): Row {
  return row(name, places, 1, field, (node, reading) => {
    const ms = readTime(node.args[0]!)
    if (ms === null) reading.problem(`"${name}" directive invalid value`, node.at)
    return ms ?? undefined
  })
}

/** A size, in bytes. */
export function size(name: string, places: Places, field: string): Row {
  return row(name, places, 1, field, (node, reading) => {
    const bytes = readSize(node.args[0]!)
    if (bytes === null) reading.problem(`"${name}" directive invalid value`, node.at)
    return bytes ?? undefined
  })
}

/** A whole number. */
export function count(name: string, places: Places, field: string): Row {
  return row(name, places, 1, field, (node, reading) => {
    if (/^\d{1,9}$/.test(node.args[0]!)) return Number(node.args[0])
    reading.problem(`"${name}" directive invalid number`, node.at)
    return undefined
  })
}

/** A text that may hold variables. */
export function script(name: string, places: Places, field: string): Row {
  return row(name, places, 1, field, (node): Script => ({ text: node.args[0]!, at: node.at }))
}

/** A plain word, whatever it is. */
export function text(name: string, places: Places, field: string): Row {
  return row(name, places, 1, field, node => node.args[0]!)
}

/** The words of the directive, each an item of one list; lines of the same block add up. */
export function words(name: string, places: Places, field: string): Row {
  return list(name, places, [1, Number.POSITIVE_INFINITY], field, node => node.args)
}

/** Items that lines of the same block add up to; a block that has any does not get those of the block around it. */
export function list<T>(
  name: string,
  places: Places,
  args: Row['args'],
  field: string,
  read: (node: DirectiveNode, reading: Reading, level: Level) => readonly T[],
): Row {
  return row(
    name,
    places,
    args,
    field,
    (node, reading, level) => [
      ...((level.own[field] as T[] | undefined) ?? []),
      ...read(node, reading, level),
    ],
    { repeats: true },
  )
}

/** A directive whose value is read by a function of its own; undefined: it was reported. */
export function own<T>(
  name: string,
  places: Places,
  args: Row['args'],
  field: string,
  read: (node: DirectiveNode, reading: Reading, level: Level) => T | undefined,
): Row {
  return row(name, places, args, field, read)
}

/** Accepted without effect. @param note why that does no harm, a sentence that stands alone */
export function harmless(name: string, places: Places, args: Row['args'], note: string, block = false): Row {
  return { name, in: places, args, block, repeats: true, state: 'harmless', note, take() {} }
}

/** An error. @param note what to do instead */
export function refused(name: string, places: Places, note: string, block?: boolean): Row {
  const most: Row = {
    name,
    in: places,
    args: [0, Number.POSITIVE_INFINITY],
    repeats: true,
    state: 'refused',
    note,
    take() {},
  }
  return block === undefined ? most : { ...most, block }
}

// — values

const TIME_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
  y: 31_536_000_000,
}
const TIME_ORDER = ['y', 'M', 'w', 'd', 'h', 'm', 's', 'ms']

/** Milliseconds of nginx's times: `90`, `1m30s`, `1h 30m`, units from large to small; null: it is none. */
export function readTime(text: string): number | null {
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwMy]?)\s*/g)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) return null
  let [sum, last] = [0, -1]
  for (const [, amount, unit] of parts) {
    const place = TIME_ORDER.indexOf(unit === '' ? 's' : unit!)
    if (place <= last) return null
    last = place
    sum += Number(amount) * TIME_UNITS[TIME_ORDER[place]!]!
  }
  return Number.isSafeInteger(sum) ? sum : null
}

/** Bytes of `512`, `8k`, `1m`, `2g`; null: it is none. */
export function readSize(text: string): number | null {
  const [, amount, unit] = /^(\d{1,15})([kKmMgG]?)$/.exec(text) ?? []
  if (amount === undefined) return null
  const factor = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[unit!.toLowerCase()] ?? 1
  const bytes = Number(amount) * factor
  return Number.isSafeInteger(bytes) ? bytes : null
}
