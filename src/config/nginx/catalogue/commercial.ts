// What only the commercial nginx has: its counters, its API, its data kept between requests, and telemetry.

import { EVERYWHERE, EVERYWHERE_AND_IF, type Module } from '../table.ts'
import { module, not, notUnlessOff, without } from './rows.ts'

const COUNTERS = 'the admin listener (--admin) has the counters, as a page, as JSON, and for Prometheus'
const VALUES =
  'values are not kept between requests; write a map, or ask a service of yours with auth_request'

export const COMMERCIAL: readonly Module[] = [
  module(
    'ngx_http_api_module',
    not(`there is no such API; ${COUNTERS}`, ['location'], 'api:0-1'),
    without(COUNTERS, ['http', 'server', 'location', 'if in location'], 'status_zone'),
  ),
  module(
    'ngx_http_status_module',
    not(`there is no such page; ${COUNTERS}`, ['location'], 'status:0'),
    without(COUNTERS, EVERYWHERE, 'status_format:1-2'),
  ),
  module(
    'ngx_http_upstream_conf_module',
    not('change the file and send SIGHUP: no request is lost', ['location'], 'upstream_conf:0'),
  ),
  module(
    'ngx_http_upstream_hc_module',
    not(
      'servers are judged by the requests they get: see max_fails and fail_timeout; and a refused connection is held, not answered with an error',
      ['location'],
      'health_check:0-9',
    ),
    not('it goes with health_check; leave both out', ['http'], 'match{}:1'),
  ),
  module('ngx_http_keyval_module', not(VALUES, ['http'], 'keyval:3 keyval_zone:1+')),
  module('ngx_http_num_map_module', not('write a map or a geo block', ['http'], 'num_map{}:1-2')),
  module(
    'ngx_http_json_module',
    not('bodies are not looked into; let the app do this', ['http'], 'json_set:3'),
    without('it goes with json_set, which is refused wherever it stands', ['http'], 'json_max_depth'),
  ),
  module(
    'ngx_http_session_log_module',
    notUnlessOff('requests are logged one by one; use access_log', EVERYWHERE, 'session_log'),
    not(
      'requests are logged one by one; use access_log',
      ['http'],
      'session_log_format:2+ session_log_zone:2+',
    ),
  ),
  module(
    'ngx_http_proxy_protocol_vendor_module',
    not(
      'the variables of cloud providers are not read from the PROXY protocol; use $proxy_protocol_addr',
      ['http', 'server'],
      'proxy_protocol_vendor',
    ),
  ),
  module(
    'ngx_mgmt_module',
    without('there is no licence, and nothing is reported to anybody', ['main'], 'mgmt{}'),
  ),
  module(
    'ngx_otel_module',
    without(
      'no traces are exported; the request id goes to the app and into the log',
      ['http'],
      'otel_exporter{} otel_service_name otel_resource_attr:2',
    ),
    without(
      'no traces are exported; the request id goes to the app and into the log',
      EVERYWHERE_AND_IF,
      'otel_trace otel_trace_context otel_span_name otel_span_attr:2',
    ),
  ),
]
