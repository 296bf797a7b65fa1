// Answers of an app that become files of the site: `proxy_store`, `proxy_store_access` and their like, of which each module
// that passes requests on has its own, and how they go with its cache, which excludes them.

import { readAccessMode } from '../access-mode.ts'
import { own } from '../rows.ts'
import type { Script } from '../site.ts'
import { EVERYWHERE, type Reading, type Row } from '../table.ts'
import type { At } from '../tree.ts'

export interface StoreSettings {
  /** Where they go: to the path that `root` and `alias` have for the URI, or to the one that a text says; null: nowhere. */
  readonly store: 'mapped' | Script | null
  /** The mode of files that are written; folders may be searched by whoever may read them. */
  readonly storeAccess: number
}

export const UNSTORED: StoreSettings = { store: null, storeAccess: 0o600 }

/** @param prefix what its directives begin with, such as `proxy` */
export function storeRows(prefix: string): Row[] {
  return [
    own(`${prefix}_store`, EVERYWHERE, 1, 'store', ({ args, at, name }, reading, level) => {
      const text = args[0]!
      if (text === 'off') return null
      if (text === '') reading.problem('empty path', at)
      refuseBeside(level.own.cache, name, `${prefix}_cache`, at, reading)
      return text === 'on' ? 'mapped' : { text, at }
    }),
    own(`${prefix}_store_access`, EVERYWHERE, [1, 3], 'storeAccess', readAccessMode),
  ]
}

/** One block has either a cache or a store. @param other what the other one says in this block, where it says anything */
export function refuseBeside(
  other: unknown,
  name: string,
  otherName: string,
  at: At,
  reading: Pick<Reading, 'problem'>,
): void {
  if (other !== undefined && other !== null)
    reading.problem(`"${name}" directive is incompatible with "${otherName}"`, at)
}

/** A block that has one of the two does not get the other from the block around it. */
export function mergeStore(
  settings: { store?: unknown; cache?: unknown },
  own: { readonly store?: unknown; readonly cache?: unknown },
): void {
  if (own.store !== undefined && own.store !== null) settings.cache = null
  if (own.cache !== undefined && own.cache !== null) settings.store = null
}
