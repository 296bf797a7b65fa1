// Variables of TLS (ngx_http_ssl_module). What each is worth is the connection's to say.

import type { Variable } from '../../visit.ts'

const NAMES = [
  'protocol cipher ciphers curve curves sigalg session_id session_reused early_data server_name alpn_protocol',
  'client_cert client_raw_cert client_escaped_cert client_s_dn client_i_dn client_s_dn_legacy client_i_dn_legacy',
  'client_serial client_fingerprint client_verify client_v_start client_v_end client_v_remain client_sigalg',
].flatMap(line => line.split(' '))

export const tlsVariables: Readonly<Record<string, Variable>> = Object.fromEntries(
  NAMES.map(name => [
    `ssl_${name}`,
    ({ connection }) => (connection.secure ? connection.tls(name) || null : null),
  ]),
)
