// Whose word counts for the client's address.

import type { Module } from '../table.ts'

export type RealIpSettings = object

export const realIp: Module = {
  name: 'ngx_http_realip_module',
  rows: [],
  defaults: {},
}
