// Variables of the process and its clock (ngx_http_core_module, ngx_http_log_module, ngx_http_ssi_module).

import { hostname } from 'node:os'
import { readVersion } from '../../version.ts'
import type { Variable } from '../../visit.ts'
import { lower } from '../ascii-case.ts'
import { strftime } from '../strftime.ts'
import { clock } from './clock.ts'

let version = ''
let host = ''

export const processVariables: Readonly<Record<string, Variable>> = {
  nginx_version: () => (version ||= readVersion()),
  hostname: () => (host ||= lower(hostname())),
  pid: () => String(process.pid),
  msec: () => (Date.now() / 1000).toFixed(3),
  time_iso8601: () => clock().iso,
  time_local: () => clock().log,
  date_local: ({ main: { timeFormat } }) =>
    timeFormat === null ? clock().local : strftime(timeFormat, Date.now(), false),
  date_gmt: ({ main: { timeFormat } }) =>
    timeFormat === null ? clock().gmt : strftime(timeFormat, Date.now(), true),
}
