// Variables of what became of a request at its upstreams, one value for each try, and in their cache
// (ngx_http_upstream_module).

import type { UpstreamTry, Variable } from '../../visit.ts'
import { seconds } from './request.ts'

export const upstreamVariables: Readonly<Record<string, Variable>> = {
  upstream_addr: each(({ address }) => address),
  upstream_status: each(({ status }) => (status === 0 ? '-' : String(status))),
  upstream_connect_time: each(({ connectMs }) => time(connectMs)),
  upstream_header_time: each(({ headerMs }) => time(headerMs)),
  upstream_response_time: each(({ responseMs }) => time(responseMs)),
  upstream_response_length: each(({ bodyBytes }) => String(bodyBytes)),
  upstream_bytes_received: each(({ bytesReceived }) => String(bytesReceived)),
  upstream_bytes_sent: each(({ bytesSent }) => String(bytesSent)),
  upstream_cache_status: ({ cacheStatus }) => (cacheStatus === '' ? null : cacheStatus),
  upstream_cache_last_modified: ({ keeping }) => keeping?.modified ?? null,
  upstream_cache_etag: ({ keeping }) => keeping?.etag ?? null,
}

/** Tries are set off by commas, places by colons, as nginx has it. */
function each(value: (one: UpstreamTry) => string): Variable {
  return ({ tries }) => {
    if (tries.length === 0) return null
    let text = value(tries[0]!)
    for (let at = 1; at < tries.length; at++) {
      const one = tries[at]!
      text += (one.apart === true ? ' : ' : ', ') + value(one)
    }
    return text
  }
}

function time(ms: number): string {
  return ms < 0 ? '-' : seconds(ms)
}
