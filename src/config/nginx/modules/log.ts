// Access logs and their formats, and the error log.

import type { Module } from '../table.ts'

export type LogSettings = object

export const log: Module = {
  name: 'ngx_http_log_module',
  rows: [],
  defaults: {},
}
