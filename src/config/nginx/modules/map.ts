// Variables made from others: map, geo, split_clients.

import type { Module } from '../table.ts'

export const map: Module = {
  name: 'ngx_http_map_module',
  rows: [],
  defaults: {},
}
