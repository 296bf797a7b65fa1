// How nginx arranges memory, sockets, buffers and protocols within itself: nothing that a client or an app could tell
// apart, but for the few that are refused.

import { EVERYWHERE, type Module } from '../table.ts'
import { module, not, without } from './rows.ts'

const TABLES = 'tables grow as they are needed'
const MEMORY = 'memory is not arranged in pools'
const BODIES = 'bodies are kept by the spool (--spool-memory, --spool-disk, --spool-dir)'
const SOCKETS = 'sockets are arranged by Node'
const HTTP2 = 'HTTP/1.1 is served; HTTP/2 ends at the edge'
const HTTP3 = 'HTTP/1.1 is served; HTTP/3 ends at the edge'

export const CONNECTIONS: readonly Module[] = [
  module(
    'ngx_http_core_module',
    without(
      TABLES,
      ['http'],
      `server_names_hash_bucket_size:number server_names_hash_max_size:number variables_hash_bucket_size:number variables_hash_max_size:number`,
    ),
    without(TABLES, EVERYWHERE, 'types_hash_bucket_size:number types_hash_max_size:number'),
    without(
      MEMORY,
      ['http', 'server'],
      'client_header_buffer_size:size connection_pool_size:size request_pool_size:size',
    ),
    without(BODIES, EVERYWHERE, 'client_body_in_single_buffer:flag client_body_temp_path:1-4'),
    without(
      'what the spool has on disk of a body goes with its request, and no file of it is left behind',
      EVERYWHERE,
      'client_body_in_file_only:word',
    ),
    without(
      SOCKETS,
      EVERYWHERE,
      `output_buffers:2 postpone_output:size reset_timedout_connection:flag send_lowat:size subrequest_output_buffer_size:size
       tcp_nodelay:flag tcp_nopush:flag`,
    ),
    without(
      'a connection is closed as it should be whatever this says: what still comes is read for a while',
      EVERYWHERE,
      'lingering_close:word lingering_time:time lingering_timeout:time',
    ),
    without('a connection may last as long as it is used', EVERYWHERE, 'keepalive_min_timeout'),
  ),
  module(
    'ngx_http_proxy_module',
    without(
      'each request has a connection of its own, so that it is worked out anew for each',
      EVERYWHERE,
      'proxy_bind_dynamic proxy_request_dynamic',
    ),
    without('trailers of the app go to every client that can have them', EVERYWHERE, 'proxy_pass_trailers'),
    without(SOCKETS, EVERYWHERE, 'proxy_send_lowat:size'),
    without('keys of connections are not written down', EVERYWHERE, 'proxy_ssl_key_log'),
    not('name the servers that may be asked in an upstream block', EVERYWHERE, 'proxy_allow_upstream:1+'),
  ),
  module(
    'ngx_http_ssl_module',
    without('keys of connections are not written down', ['http', 'server'], 'ssl_key_log'),
    not('Encrypted Client Hello is not spoken here; leave this line out', ['http', 'server'], 'ssl_ech_file'),
  ),
  module(
    'ngx_http_v2_module',
    without(HTTP2, ['http', 'server'], 'http2'),
    without(
      HTTP2,
      ['http', 'server'],
      `http2_body_preread_size:size http2_idle_timeout http2_max_concurrent_pushes:number http2_max_concurrent_streams:number
       http2_max_field_size http2_max_header_size http2_max_requests http2_pool_size:size http2_recv_timeout
       http2_streams_index_size:number`,
    ),
    without(HTTP2, ['http'], 'http2_recv_buffer_size:size'),
    without(HTTP2, EVERYWHERE, 'http2_chunk_size:size http2_push http2_push_preload:flag'),
  ),
  module(
    'ngx_http_v3_module',
    without(
      HTTP3,
      ['http', 'server'],
      'http3 http3_hq http3_max_concurrent_streams http3_stream_buffer_size:size quic_active_connection_id_limit quic_gso quic_host_key quic_retry',
    ),
    without(HTTP3, ['main'], 'quic_bpf'),
  ),
  module(
    'ngx_http_spdy_module',
    without(HTTP2, ['http', 'server'], 'spdy_headers_comp'),
    without(HTTP2, EVERYWHERE, 'spdy_chunk_size'),
  ),
]
