// Fields that are added to answers: add_header, add_trailer, expires.

import type { Module } from '../table.ts'

export type HeaderSettings = object

export const headers: Module = {
  name: 'ngx_http_headers_module',
  rows: [],
  defaults: {},
}
