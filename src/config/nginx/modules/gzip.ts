// Compression of answers on their way out.

import type { Module } from '../table.ts'

export type GzipSettings = object

export const gzip: Module = {
  name: 'ngx_http_gzip_module',
  rows: [],
  defaults: {},
}
