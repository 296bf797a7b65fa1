// Answers that are fetched and kept in parts of one size (ngx_http_slice_module).

import { size } from '../rows.ts'
import { EVERYWHERE, type Module } from '../table.ts'

export interface SliceSettings {
  /** Bytes; 0: answers are asked for as a whole. */
  readonly sliceSize: number
}

export const slice: Module = {
  name: 'ngx_http_slice_module',
  rows: [size('slice', EVERYWHERE, 'sliceSize')],
  defaults: { sliceSize: 0 },
}
