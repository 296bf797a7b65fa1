// TLS towards the client.

import type { Module } from '../table.ts'

export type TlsSettings = object

export const tls: Module = {
  name: 'ngx_http_ssl_module',
  rows: [],
  defaults: {},
}
