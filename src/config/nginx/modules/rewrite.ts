// The little language of if, set, rewrite, return and break.

import type { Module } from '../table.ts'

export type RewriteSettings = object

export const rewrite: Module = {
  name: 'ngx_http_rewrite_module',
  rows: [],
  defaults: {},
}
