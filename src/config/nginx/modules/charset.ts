// The charset that answers are said to have, and conversion from the one they are written in (ngx_http_charset_module).

import { type MediaTypes, mediaTypes } from '../media-types.ts'
import { flag, own } from '../rows.ts'
import type { Script } from '../site.ts'
import { EVERYWHERE_AND_IF, type Level, type Module, type Reading } from '../table.ts'
import type { DirectiveNode } from '../tree.ts'

/** How the bytes from 0x80 up of one charset are written in another; those below are the same in both. */
export interface CharsetMap {
  readonly from: string
  readonly to: string
  /** A byte of `from`, and the bytes of `to` as latin1: up to three where that is UTF-8, else one. */
  readonly pairs: readonly (readonly [byte: number, bytes: string])[]
}

export interface CharsetSettings {
  /** A name, or one variable; null: nothing is said. */
  readonly charset: Script | null
  readonly sourceCharset: Script | null
  /** Also where the app has said one. */
  readonly overrideCharset: boolean
  readonly charsetTypes: MediaTypes
  readonly charsetMaps: readonly CharsetMap[]
}

const TYPES = [
  'text/html',
  'text/xml',
  'text/plain',
  'text/vnd.wap.wml',
  'application/javascript',
  'application/rss+xml',
]

export const charset: Module = {
  name: 'ngx_http_charset_module',
  rows: [
    own('charset', EVERYWHERE_AND_IF, 1, 'charset', node => (node.args[0] === 'off' ? null : nameOf(node))),
    own('source_charset', EVERYWHERE_AND_IF, 1, 'sourceCharset', nameOf),
    flag('override_charset', EVERYWHERE_AND_IF, 'overrideCharset'),
    mediaTypes('charset_types', 'charsetTypes'),
    { name: 'charset_map', in: ['http'], args: 2, block: true, repeats: true, take: takeMap },
  ],
  defaults: {
    charset: null,
    sourceCharset: null,
    overrideCharset: false,
    charsetTypes: new Set(TYPES),
    charsetMaps: [],
  },
  check(_site, places, reading) {
    const said = new Set<string>()
    for (const { charset: to, sourceCharset: from, charsetMaps } of places) {
      if (to === null || from === null || isVariable(to) || isVariable(from)) continue
      if (sameCharset(to.text, from.text) || mapBetween(charsetMaps, from.text, to.text) !== null) continue
      const problem = `no "charset_map" between the charsets "${from.text}" and "${to.text}"`
      if (!said.has(problem)) reading.problem(problem, from.at)
      said.add(problem)
    }
  },
}

function nameOf({ args, at }: DirectiveNode): Script {
  return { text: args[0]!, at }
}

function isVariable({ text }: Script): boolean {
  return text.startsWith('$')
}

/** Names of charsets are compared without regard to case. */
export function sameCharset(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** The map from one charset to the other, in whichever direction it was written; null: there is none. */
export function mapBetween(maps: readonly CharsetMap[], one: string, other: string): CharsetMap | null {
  return (
    maps.find(
      ({ from, to }) =>
        (sameCharset(from, one) && sameCharset(to, other)) ||
        (sameCharset(from, other) && sameCharset(to, one)),
    ) ?? null
  )
}

function takeMap({ args, at, block }: DirectiveNode, { own: settings }: Level, reading: Reading): void {
  const [from, to] = args as [string, string]
  const maps = (settings.charsetMaps as CharsetMap[] | undefined) ?? []
  if (sameCharset(from, to)) {
    reading.problem(`"charset_map" between the same charsets "${from}" and "${to}"`, at)
    return
  }
  if (mapBetween(maps, from, to) !== null) {
    reading.problem(`duplicate "charset_map" between "${from}" and "${to}"`, at)
    return
  }
  const pairs = (block ?? []).flatMap(node => readPair(node, sameCharset(to, 'utf-8'), reading))
  settings.charsetMaps = [...maps, { from, to, pairs }]
}

function readPair(
  { name, args, at, block }: DirectiveNode,
  utf8: boolean,
  reading: Reading,
): CharsetMap['pairs'] {
  if (args.length !== 1 || block !== null) {
    reading.problem(block === null ? 'invalid parameters number' : 'unexpected "{"', at)
    return []
  }
  const text = args[0]!
  const byte = hexByte(name)
  const bytes = utf8 ? utf8Bytes(text) : oneByte(text)
  if (byte === null || bytes === null) reading.problem(`invalid value "${byte === null ? name : text}"`, at)
  return byte === null || bytes === null ? [] : [[byte, bytes]]
}

function hexByte(text: string): number | null {
  const value = /^[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : 256
  return value < 256 ? value : null
}

function oneByte(text: string): string | null {
  const byte = hexByte(text)
  return byte === null ? null : String.fromCharCode(byte)
}

// One character of Unicode's first 65,536.
function utf8Bytes(text: string): string | null {
  if (!/^(?:[0-9a-f]{2}){1,3}$/i.test(text)) return null
  const bytes = Buffer.from(text, 'hex')
  const character = bytes.toString('utf8')
  const whole = character.length === 1 && Buffer.from(character, 'utf8').equals(bytes)
  return whole ? bytes.toString('latin1') : null
}
