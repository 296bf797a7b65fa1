// Fields that are added to answers, before their bodies and after them, and how long an answer may be kept
// (ngx_http_headers_module).

import { list, own, word } from '../rows.ts'
import type { Script } from '../site.ts'
import { EVERYWHERE_AND_IF, type Module, type Reading } from '../table.ts'
import type { DirectiveNode } from '../tree.ts'
import { readTime } from '../units.ts'

export interface AddedField {
  readonly name: string
  readonly value: Script
  /** With every status, and not only with those that say that all went well. */
  readonly always: boolean
}

/** Seconds, which may be negative, from the moment of the answer, or from the last change of what is answered. */
export type Expires =
  | { readonly kind: 'off' | 'epoch' | 'max' }
  | { readonly kind: 'access' | 'modified'; readonly seconds: number }
  /** At this time of the day, in seconds from midnight. */
  | { readonly kind: 'daily'; readonly seconds: number }

export interface HeaderSettings {
  readonly addedFields: readonly AddedField[]
  readonly addedTrailers: readonly AddedField[]
  readonly addedFieldsInherit: Inherit
  readonly addedTrailersInherit: Inherit
  /** `computed`: to be read once its variables are known. */
  readonly expires:
    | Expires
    | { readonly kind: 'computed'; readonly value: Script; readonly modified: boolean }
}

/** Whether lines of the blocks around are kept: where there are none (`on`), never, or in addition. */
type Inherit = 'on' | 'off' | 'merge'

const INHERIT = ['on', 'off', 'merge']
const A_DAY = 24 * 60 * 60

export const headers: Module = {
  name: 'ngx_http_headers_module',
  rows: [
    list('add_header', EVERYWHERE_AND_IF, [2, 3], 'addedFields', readAdded),
    list('add_trailer', EVERYWHERE_AND_IF, [2, 3], 'addedTrailers', readAdded),
    word('add_header_inherit', EVERYWHERE_AND_IF, 'addedFieldsInherit', INHERIT),
    word('add_trailer_inherit', EVERYWHERE_AND_IF, 'addedTrailersInherit', INHERIT),
    own('expires', EVERYWHERE_AND_IF, [1, 2], 'expires', readExpiresLine),
  ],
  defaults: {
    addedFields: [],
    addedTrailers: [],
    addedFieldsInherit: 'on',
    addedTrailersInherit: 'on',
    expires: { kind: 'off' },
  },
  merge(settings, own, around) {
    for (const field of ['addedFields', 'addedTrailers']) {
      const inherit = settings[`${field}Inherit`] as Inherit
      if (inherit === 'off') settings[field] = own[field] ?? []
      else if (inherit === 'merge' && own[field] !== undefined)
        settings[field] = [
          ...(own[field] as AddedField[]),
          ...((around[field] as AddedField[] | undefined) ?? []),
        ]
    }
  },
}

function readAdded({ args, at }: DirectiveNode, reading: Reading): AddedField[] {
  const [name, text, last] = args
  if (last !== undefined && last !== 'always') {
    reading.problem(`invalid parameter "${last}"`, at)
    return []
  }
  return [{ name: name!, value: { text: text!, at }, always: last !== undefined }]
}

function readExpiresLine(
  { args, at }: DirectiveNode,
  reading: Reading,
): HeaderSettings['expires'] | undefined {
  const modified = args.length === 2
  const text = args.at(-1)!
  if (!modified || args[0] === 'modified') {
    if (text.includes('$')) return { kind: 'computed', value: { text, at }, modified }
    const read = readExpires(text, modified)
    if (typeof read === 'object') return read
    reading.problem(`"expires" directive ${read}`, at)
  } else reading.problem('"expires" directive invalid value', at)
  return undefined
}

/** What the time of an `expires` says; a string: what is wrong with it, in nginx's words. */
export function readExpires(text: string, modified: boolean): Expires | string {
  if (!modified && (text === 'epoch' || text === 'max' || text === 'off')) return { kind: text }
  const daily = text.startsWith('@')
  if (daily && modified) return 'daily time cannot be used with "modified" parameter'
  const sign = /^[@+-]/.exec(text)?.[0] ?? ''
  const ms = readTime(text.slice(sign.length))
  // Whole seconds only: nginx knows no milliseconds here.
  if (ms === null || text.includes('ms')) return 'invalid value'
  const seconds = ms / 1000
  if (daily && seconds > A_DAY) return 'daily time value must be less than 24 hours'
  if (daily) return { kind: 'daily', seconds }
  return { kind: modified ? 'modified' : 'access', seconds: sign === '-' ? -seconds : seconds }
}
