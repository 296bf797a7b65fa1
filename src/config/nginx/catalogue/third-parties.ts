// Modules that are no part of nginx, and that files of OpenResty, Tengine and distributions often use. A word that nobody
// knows would say nothing of what to do instead.

import { EVERYWHERE, EVERYWHERE_AND_IF, type Module } from '../table.ts'
import { module, not, notUnlessOff, without } from './rows.ts'

const SCRIPTS =
  'scripts are not run here; the app is the place for this, and a map or auth_request often does it'
const ASK = 'ask a service of yours instead: auth_request is supported'
const COUNTERS = 'the admin listener (--admin) has the counters, as a page, as JSON, and for Prometheus'

export const THIRD_PARTIES: readonly Module[] = [
  module(
    'third parties: scripts and rules',
    not(
      SCRIPTS,
      EVERYWHERE_AND_IF,
      `access_by_lua_block{} access_by_lua_file content_by_lua_block{} content_by_lua_file rewrite_by_lua_block{}
       rewrite_by_lua_file header_filter_by_lua_block{} body_filter_by_lua_block{} set_by_lua_block{}:1
       access_by_lua content_by_lua rewrite_by_lua header_filter_by_lua body_filter_by_lua set_by_lua:2+ set_by_lua_file:2+`,
    ),
    not(SCRIPTS, ['upstream'], 'balancer_by_lua_block{} balancer_by_lua_file'),
    not(SCRIPTS, ['http', 'server'], 'ssl_certificate_by_lua_block{} ssl_certificate_by_lua_file'),
    without(
      'scripts are not run here',
      ['http'],
      `init_by_lua init_by_lua_block{} init_by_lua_file init_worker_by_lua init_worker_by_lua_block{} init_worker_by_lua_file
       lua_package_path lua_package_cpath lua_shared_dict:2 lua_max_running_timers lua_max_pending_timers lua_regex_cache_max_entries`,
    ),
    without(
      'scripts are not run here',
      EVERYWHERE,
      `log_by_lua log_by_lua_block{} log_by_lua_file lua_code_cache lua_need_request_body lua_socket_connect_timeout
       lua_socket_read_timeout lua_socket_send_timeout lua_socket_log_errors lua_ssl_trusted_certificate lua_ssl_verify_depth
       lua_check_client_abort lua_http10_buffering`,
    ),
    notUnlessOff(
      'rules are not checked here; keep a firewall at the edge (Cloudflare, Coraza) for them',
      EVERYWHERE,
      'modsecurity',
    ),
    not(
      'rules are not checked here; keep a firewall at the edge (Cloudflare, Coraza) for them',
      EVERYWHERE,
      'modsecurity_rules modsecurity_rules_file',
    ),
    not(
      'the app is not started by modules here; start it after "--", and name its address in proxy_pass',
      EVERYWHERE_AND_IF,
      'passenger_enabled passenger_root passenger_app_root passenger_python passenger_ruby',
    ),
    not(
      'use add_header, proxy_hide_header or proxy_set_header',
      EVERYWHERE_AND_IF,
      'more_set_headers:1+ more_clear_headers:1+ more_set_input_headers:1+ more_clear_input_headers:1+',
    ),
  ),
  module(
    'third parties: who a client is',
    not(
      `passwords are looked up in files, or ${ASK}`,
      EVERYWHERE,
      'auth_ldap auth_ldap_servers auth_pam auth_pam_service_name',
    ),
    not(`passwords are looked up in files, or ${ASK}`, ['http'], 'ldap_server{}:1'),
    not(
      'databases of addresses are not read here; take the country from your edge (CF-IPCountry, CloudFront-Viewer-Country) as $http_cf_ipcountry, or write the ranges in a geo block',
      ['http'],
      'geoip2{}:1',
    ),
    without('it goes with geoip2, which is refused', ['http'], 'geoip2_proxy geoip2_proxy_recursive'),
  ),
  module(
    'third parties: answers',
    not('write "return" with the text', EVERYWHERE_AND_IF, 'echo:0+'),
    not('write "sub_filter", which knows texts and no regular expressions', EVERYWHERE, 'subs_filter:2-3'),
    notUnlessOff('write "autoindex on"', EVERYWHERE, 'fancyindex'),
    notUnlessOff(
      'bodies are passed on as the app made them; leave this line out',
      EVERYWHERE,
      'pagespeed:1+',
    ),
  ),
  module(
    'third parties: upstreams and counters',
    not('only HTTP is proxied; leave this block to nginx', ['main'], 'rtmp{}'),
    not('write "least_conn"', ['upstream'], 'fair:0'),
    without(
      'servers are judged by the requests they get: see max_fails and fail_timeout',
      ['upstream'],
      'check:1+ check_http_send check_http_expect_alive:1+ check_keepalive_requests',
    ),
    without(COUNTERS, ['http'], 'vhost_traffic_status_zone:0+ vhost_traffic_status_dump:1-2'),
    without(
      COUNTERS,
      EVERYWHERE,
      'vhost_traffic_status vhost_traffic_status_filter_by_host vhost_traffic_status_filter_by_set_key:1-2',
    ),
    not(
      COUNTERS,
      ['server', 'location'],
      'vhost_traffic_status_display:0 vhost_traffic_status_display_format',
    ),
    without(
      'no traces are exported; the request id goes to the app and into the log',
      EVERYWHERE,
      'opentracing opentracing_propagate_context:0 opentracing_tag:2 opentracing_load_tracer:2 opentracing_trace_locations opentracing_operation_name',
    ),
  ),
]
