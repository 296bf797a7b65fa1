// Texts that are replaced in bodies on their way out (ngx_http_sub_module).

import { HTML_ONLY, type MediaTypes, mediaTypes } from '../media-types.ts'
import { flag, list } from '../rows.ts'
import type { Script } from '../site.ts'
import { EVERYWHERE, type Module } from '../table.ts'

export interface Substitution {
  /** Found whatever the case of its ASCII letters; empty once its variables are known: left out. */
  readonly search: Script
  readonly replacement: Script
}

export interface SubSettings {
  readonly substitutions: readonly Substitution[]
  /** Each text is replaced where it is found first, and not again. */
  readonly substituteOnce: boolean
  readonly substituteTypes: MediaTypes
  /** The answer keeps its `Last-Modified`, and its `ETag` as a weak one. */
  readonly substituteKeepsDate: boolean
}

export const sub: Module = {
  name: 'ngx_http_sub_module',
  rows: [
    list('sub_filter', EVERYWHERE, 2, 'substitutions', ({ args, at }, reading): Substitution[] => {
      if (args[0] === '') reading.problem('empty search pattern', at)
      return [{ search: { text: args[0]!, at }, replacement: { text: args[1]!, at } }]
    }),
    flag('sub_filter_once', EVERYWHERE, 'substituteOnce'),
    mediaTypes('sub_filter_types', 'substituteTypes'),
    flag('sub_filter_last_modified', EVERYWHERE, 'substituteKeepsDate'),
  ],
  defaults: {
    substitutions: [],
    substituteOnce: true,
    substituteTypes: HTML_ONLY,
    substituteKeepsDate: false,
  },
}
