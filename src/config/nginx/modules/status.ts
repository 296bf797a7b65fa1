// A page of counts: stub_status (ngx_http_stub_status_module).

import { own } from '../rows.ts'
import type { Module } from '../table.ts'

export interface StatusSettings {
  /** Requests here are answered with the counts of connections and requests. */
  readonly stubStatus: boolean
}

export const status: Module = {
  name: 'ngx_http_stub_status_module',
  rows: [
    // One word was its way of old: `stub_status on`. nginx takes any.
    { ...own('stub_status', ['server', 'location'], [0, 1], 'stubStatus', () => true), repeats: true },
  ],
  defaults: { stubStatus: false },
  own: ['stubStatus'],
}
