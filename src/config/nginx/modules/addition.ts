// What other places of a site say, put before and after bodies (ngx_http_addition_module).

import { HTML_ONLY, type MediaTypes, mediaTypes } from '../media-types.ts'
import { text } from '../rows.ts'
import { EVERYWHERE, type Module } from '../table.ts'

export interface AdditionSettings {
  /** A URI of the site; empty: nothing. */
  readonly addBefore: string
  readonly addAfter: string
  readonly additionTypes: MediaTypes
}

export const addition: Module = {
  name: 'ngx_http_addition_module',
  rows: [
    text('add_before_body', EVERYWHERE, 'addBefore'),
    text('add_after_body', EVERYWHERE, 'addAfter'),
    mediaTypes('addition_types', 'additionTypes'),
  ],
  defaults: { addBefore: '', addAfter: '', additionTypes: HTML_ONLY },
}
