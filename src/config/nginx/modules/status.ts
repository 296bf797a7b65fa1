// A page of counts: stub_status.

import type { Module } from '../table.ts'

export const status: Module = {
  name: 'ngx_http_status_module',
  rows: [],
  defaults: {},
}
