// The charset that answers are said to have, and conversion between two.

import type { Module } from '../table.ts'

export type CharsetSettings = object

export const charset: Module = {
  name: 'ngx_http_charset_module',
  rows: [],
  defaults: {},
}
