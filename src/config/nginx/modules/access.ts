// Who may come in: allow and deny, passwords, subrequests that decide, and how they combine.

import type { Module } from '../table.ts'

export type AccessSettings = object

export const access: Module = {
  name: 'ngx_http_access_module',
  rows: [],
  defaults: {},
}
