// How often and how many at once: limit_req and limit_conn.

import type { Module } from '../table.ts'

export type LimitSettings = object

export const limits: Module = {
  name: 'ngx_http_limit_req_module',
  rows: [],
  defaults: {},
}
