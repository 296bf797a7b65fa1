// Where answers of the app are kept for others, as `proxy_cache_path` says it (ngx_http_file_cache_set_slot). Opens
// nothing.

import type { CacheConfig } from './site.ts'
import { fromPrefix, type Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'
import { readNumber, readSize, readTime } from './units.ts'

type Draft = { -readonly [Key in keyof CacheConfig]: CacheConfig[Key] }

/** nginx asks for two pages of memory at least. */
const SMALLEST_ZONE = 8192

/** What a parameter is called, and what becomes of its value; a text: that is wrong with it. */
const PARAMETERS: Readonly<Record<string, (draft: Draft, value: string, whole: string) => string | null>> = {
  levels(draft, value, whole) {
    if (value !== '' && !/^[12](?::[12]){0,2}$/.test(value)) return `invalid "levels" "${whole}"`
    draft.levels = value === '' ? [] : value.split(':').map(Number)
    return null
  },
  use_temp_path: (_draft, value, whole) =>
    value === 'on' || value === 'off'
      ? null
      : `invalid use_temp_path value "${whole}", it must be "on" or "off"`,
  keys_zone(draft, value, whole) {
    const colon = value.indexOf(':')
    const size = colon === -1 ? null : readSize(value.slice(colon + 1))
    if (size === null) return `invalid keys zone size "${whole}"`
    if (size < SMALLEST_ZONE) return `keys zone "${whole}" is too small`
    draft.name = value.slice(0, colon)
    draft.size = size
    return null
  },
  inactive(draft, value, whole) {
    const ms = seconds(value)
    if (ms === null) return `invalid inactive value "${whole}"`
    draft.inactive = ms
    return null
  },
  max_size: bytes('maxSize', 'max_size'),
  min_free: bytes('minFree', 'min_free'),
  loader_files: count('loaderFiles', 'loader_files'),
  loader_sleep: milliseconds('loaderSleep', 'loader_sleep'),
  loader_threshold: milliseconds('loaderThreshold', 'loader_threshold'),
  manager_files: count('managerFiles', 'manager_files'),
  manager_sleep: milliseconds('managerSleep', 'manager_sleep'),
  manager_threshold: milliseconds('managerThreshold', 'manager_threshold'),
}

/** Null: something is wrong with it, which has been reported. */
export function readCachePath(node: DirectiveNode, reading: Reading): CacheConfig | null {
  const { args, at } = node
  const path = fromPrefix(args[0]!, reading).replace(/(?<=.)\/$/, '')
  const draft: Draft = {
    name: '',
    size: 0,
    path,
    levels: [],
    inactive: 600_000,
    maxSize: null,
    minFree: 0,
    loaderFiles: 100,
    loaderSleep: 50,
    loaderThreshold: 200,
    managerFiles: 100,
    managerSleep: 50,
    managerThreshold: 200,
    at,
  }
  for (const whole of args.slice(1)) {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(whole) ?? []
    const take = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name]! : null
    const wrong = take === null ? `invalid parameter "${whole}"` : take(draft, value, whole)
    if (wrong === null) continue
    reading.problem(wrong, at)
    return null
  }
  if (draft.name !== '' && draft.size > 0) {
    // As with nginx: only the number of answers is limited then, not how large they are.
    if (draft.maxSize === null && draft.minFree === 0)
      reading.remark(
        'notice',
        `"${node.name}" has neither "max_size" nor "min_free": what is kept may fill the disk`,
        at,
      )
    return draft
  }
  reading.problem(`"${node.name}" must have "keys_zone" parameter`, at)
  return null
}

/** Milliseconds of a time that is told in whole seconds, as nginx has some; null: it is none. */
export function seconds(text: string): number | null {
  const ms = readTime(text)
  return ms === null || text.includes('ms') ? null : ms
}

function bytes(field: 'maxSize' | 'minFree', name: string): (typeof PARAMETERS)[string] {
  return (draft, value, whole) => {
    const size = readSize(value)
    if (size === null) return `invalid ${name} value "${whole}"`
    draft[field] = size
    return null
  }
}

function count(field: 'loaderFiles' | 'managerFiles', name: string): (typeof PARAMETERS)[string] {
  return (draft, value, whole) => {
    const number = readNumber(value)
    if (number === null) return `invalid ${name} value "${whole}"`
    draft[field] = number
    return null
  }
}

function milliseconds(
  field: 'loaderSleep' | 'loaderThreshold' | 'managerSleep' | 'managerThreshold',
  name: string,
): (typeof PARAMETERS)[string] {
  return (draft, value, whole) => {
    const ms = readTime(value)
    if (ms === null) return `invalid ${name} value "${whole}"`
    draft[field] = ms
    return null
  }
}
