// Files served from disk: root, index, try_files, autoindex, and what their answers say (ngx_http_core_module's part for files, ngx_http_index_module, ngx_http_autoindex_module, ngx_http_gzip_static_module).

import type { Module } from '../table.ts'

export type StaticSettings = object

export const statics: Module = {
  name: 'ngx_http_static_module',
  rows: [],
  defaults: {},
}
