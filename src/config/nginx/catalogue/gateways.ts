// Other ways to pass requests on than HTTP: FastCGI, uwsgi, SCGI, gRPC, memcached. One problem a family says what to do;
// what only tunes it says nothing more than that.

import { EVERYWHERE, type Module, type Row } from '../table.ts'
import { module, not, without } from './rows.ts'

const PASS = ['location', 'if in location'] as const

/** Directives that all of them have, after the family's name. */
const EVERY = `bind:1-2 bind_dynamic buffer_size connect_timeout next_upstream:1+ next_upstream_timeout
  next_upstream_tries read_timeout send_timeout socket_keepalive allow_upstream:1+ request_dynamic`

/** Those that have answers like HTTP's. */
const ANSWERS = 'hide_header ignore_headers:1+ intercept_errors pass_header'

/** Those that keep answers. */
const KEPT = `buffering buffers:2 busy_buffers_size cache cache_background_update cache_bypass:1+ cache_key cache_lock
  cache_lock_age cache_lock_timeout cache_max_range_offset cache_methods:1+ cache_min_uses cache_purge:1+
  cache_revalidate cache_use_stale:1+ cache_valid:1+ force_ranges ignore_client_abort limit_rate
  max_temp_file_size no_cache:1+ param:2-3 pass_request_body pass_request_headers request_buffering store
  store_access:1-3 temp_file_write_size temp_path:1-4`

const TLS = `ssl_certificate ssl_certificate_cache:1-3 ssl_certificate_key ssl_ciphers ssl_conf_command:2 ssl_crl
  ssl_key_log ssl_name ssl_password_file ssl_protocols:1+ ssl_server_name ssl_session_reuse
  ssl_trusted_certificate ssl_verify ssl_verify_depth`

function family(name: string, advice: string, parameters: string, kept = false): Module {
  const follows = `it goes with ${name}_pass, which is refused wherever it stands`
  const named = parameters.trim().split(/\s+/)
  const rows: Row[] = [
    ...not(advice, PASS, `${name}_pass`),
    ...without(follows, EVERYWHERE, named.map(each => `${name}_${each}`).join(' ')),
  ]
  if (kept) rows.push(...without(follows, ['http'], `${name}_cache_path:2+`))
  return module(`ngx_http_${name}_module`, rows)
}

export const GATEWAYS: readonly Module[] = [
  family(
    'fastcgi',
    'this proxy speaks HTTP to the app; put an HTTP server in front of it (for PHP: php-fpm behind Caddy, Apache, or FrankenPHP in its place) and name that in proxy_pass',
    `${EVERY} ${ANSWERS} ${KEPT} catch_stderr index keep_conn send_lowat split_path_info`,
    true,
  ),
  family(
    'uwsgi',
    'this proxy speaks HTTP to the app; start it with "uwsgi --http-socket :8000" in place of "--socket", and write "proxy_pass http://127.0.0.1:8000;"',
    `${EVERY} ${ANSWERS} ${KEPT} ${TLS} modifier1 modifier2 string`,
    true,
  ),
  family(
    'scgi',
    'this proxy speaks HTTP to the app; start it with an HTTP server, such as gunicorn, and name that in proxy_pass',
    `${EVERY} ${ANSWERS} ${KEPT}`,
    true,
  ),
  family(
    'grpc',
    'gRPC needs HTTP/2 all the way to the app, and this proxy speaks HTTP/1.1; keep nginx or another HTTP/2 proxy for these paths',
    `${EVERY} ${ANSWERS} ${TLS} set_header:2`,
  ),
  family(
    'memcached',
    'this proxy asks nobody but the app; let the app read memcached',
    `${EVERY} ignore_headers:1+ gzip_flag`,
  ),
  module(
    'ngx_http_tunnel_module',
    not(
      'CONNECT is not served: this proxy stands in front of apps, and is no way out of a network',
      ['server', 'location', 'if in location'],
      'tunnel_pass',
    ),
    without(
      'it goes with tunnel_pass, which is refused wherever it stands',
      EVERYWHERE,
      `tunnel_allow_upstream:1+ tunnel_bind tunnel_bind_dynamic tunnel_buffer_size tunnel_connect_timeout
       tunnel_next_upstream:1+ tunnel_next_upstream_timeout tunnel_next_upstream_tries tunnel_read_timeout
       tunnel_send_lowat tunnel_send_timeout tunnel_socket_keepalive`,
    ),
  ),
]
