// Ways to pass requests on that are not had here: gRPC, tunnels. One problem a family says what to do;
// what only tunes it says nothing more than that.

import { EVERYWHERE, type Module, type Row } from '../table.ts'
import { module, not, without } from './rows.ts'

const PASS = ['location', 'if in location'] as const

/** Directives that all of them have, after the family's name. */
const EVERY = `bind:1-2 bind_dynamic buffer_size:size connect_timeout:time next_upstream:1+ next_upstream_timeout:time
  next_upstream_tries:number read_timeout:time send_timeout:time socket_keepalive:flag allow_upstream:1+
  request_dynamic`

/** Those that have answers like HTTP's. */
const ANSWERS = 'hide_header ignore_headers:1+ intercept_errors:flag pass_header'

const TLS = `ssl_certificate ssl_certificate_cache:1-3 ssl_certificate_key ssl_ciphers ssl_conf_command:2 ssl_crl
  ssl_key_log ssl_name ssl_password_file ssl_protocols:1+ ssl_server_name:flag ssl_session_reuse:flag
  ssl_trusted_certificate ssl_verify:flag ssl_verify_depth:number`

function family(name: string, advice: string, parameters: string): Module {
  const follows = `it goes with ${name}_pass, which is refused wherever it stands`
  const named = parameters.trim().split(/\s+/)
  const rows: Row[] = [
    ...not(advice, PASS, `${name}_pass`),
    ...without(follows, EVERYWHERE, named.map(each => `${name}_${each}`).join(' ')),
  ]
  return module(`ngx_http_${name}_module`, rows)
}

export const GATEWAYS: readonly Module[] = [
  family(
    'grpc',
    'gRPC needs HTTP/2 all the way to the app, and this proxy speaks HTTP/1.1; keep nginx or another HTTP/2 proxy for these paths',
    `${EVERY} ${ANSWERS} ${TLS} set_header:2`,
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
      `tunnel_allow_upstream:1+ tunnel_bind tunnel_bind_dynamic tunnel_buffer_size:size tunnel_connect_timeout
       tunnel_next_upstream:1+ tunnel_next_upstream_timeout tunnel_next_upstream_tries tunnel_read_timeout
       tunnel_send_lowat:size tunnel_send_timeout tunnel_socket_keepalive:flag`,
    ),
  ),
]
