// Groups of servers that requests are passed on to.

import type { Module } from '../table.ts'

export const upstream: Module = {
  name: 'ngx_http_upstream_module',
  rows: [],
  defaults: {},
}
