// The row of a directive that says to which media types a filter keeps. Knows no filter.

import { EVERYWHERE, type Row } from './table.ts'

/** The types that a filter keeps to, in lower case; null: all of them (`*`). */
export type MediaTypes = ReadonlySet<string> | null

export const HTML_ONLY: MediaTypes = new Set(['text/html'])

/** Types in addition to `text/html` (ngx_http_types_slot); lines of the same block add up. */
export function mediaTypes(name: string, field: string): Row {
  return {
    name,
    in: EVERYWHERE,
    args: [1, Number.POSITIVE_INFINITY],
    repeats: true,
    take({ args, at }, level, reading) {
      if (level.own[field] === null) return
      const types = new Set((level.own[field] as MediaTypes | undefined) ?? HTML_ONLY)
      for (const arg of args) {
        const type = arg.toLowerCase()
        if (type === '*') {
          level.own[field] = null
          return
        }
        if (types.has(type)) reading.remark('warn', `duplicate MIME type "${arg}"`, at)
        types.add(type)
      }
      level.own[field] = types
    },
  }
}
