// Directives that nginx knows and this proxy does without: harmless here, or refused with what to do instead.

import type { Module } from '../table.ts'

export const catalogue: Module = {
  name: 'ngx_http_catalogue_module',
  rows: [],
  defaults: {},
}
