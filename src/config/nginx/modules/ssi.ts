// Server-side includes: commands within pages (ngx_http_ssi_module). What they do stands with the filter.

import { HTML_ONLY, type MediaTypes, mediaTypes } from '../media-types.ts'
import { flag, harmless, size } from '../rows.ts'
import { EVERYWHERE, EVERYWHERE_AND_IF, type Module } from '../table.ts'

export interface SsiSettings {
  readonly ssi: boolean
  /** A command that cannot be done leaves nothing where it stood. */
  readonly ssiSilentErrors: boolean
  /** Pages keep the date of their file. */
  readonly ssiLastModified: boolean
  readonly ssiTypes: MediaTypes
  /** Of one parameter of a command, in bytes. */
  readonly ssiValueLength: number
}

const BUFFERS = 'commands are found wherever a page was cut into pieces'

export const ssi: Module = {
  name: 'ngx_http_ssi_module',
  rows: [
    flag('ssi', EVERYWHERE_AND_IF, 'ssi'),
    flag('ssi_silent_errors', EVERYWHERE, 'ssiSilentErrors'),
    flag('ssi_last_modified', EVERYWHERE, 'ssiLastModified'),
    mediaTypes('ssi_types', 'ssiTypes'),
    size('ssi_value_length', EVERYWHERE, 'ssiValueLength'),
    harmless('ssi_min_file_chunk', EVERYWHERE, 'size', BUFFERS),
    harmless('ssi_ignore_recycled_buffers', EVERYWHERE, 'flag', BUFFERS),
  ],
  defaults: {
    ssi: false,
    ssiSilentErrors: false,
    ssiLastModified: false,
    ssiTypes: HTML_ONLY,
    ssiValueLength: 256,
  },
}
