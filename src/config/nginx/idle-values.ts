// What the one word of a directive without effect here may be, where nginx says so: a file that nginx would refuse is
// refused here as well, and does not come back as a surprise where nginx reads it again. Stores nothing.

import { invalidValue } from './table.ts'
import type { DirectiveNode } from './tree.ts'
import { readNumber, readSize, readTime } from './units.ts'

const FLAGS =
  /^(?:accept_mutex|aio_write|client_body_in_single_buffer|grpc_(?:intercept_errors|ssl_server_name|ssl_session_reuse|ssl_verify)|gzip_no_buffer|http2_push_preload|master_process|mp4_start_key_frame|multi_accept|open_file_cache_(?:errors|events)|pcre_jit|reset_timedout_connection|sendfile|ssi_ignore_recycled_buffers|ssl_early_data|ssl_stapling_verify|tcp_nodelay|tcp_nopush|\w+_socket_keepalive)$/
const SIZES =
  /^(?:directio_alignment|http2_(?:body_preread|chunk)_size|postpone_gzipping|postpone_output|read_ahead|sendfile_max_chunk|ssi_min_file_chunk|(?:\w+_)?send_lowat|\w+_(?:buffer|pool)_size)$/
const TIMES =
  /^(?:accept_mutex_delay|grpc_\w+_timeout|lingering_time|lingering_timeout|open_file_cache_valid|timer_resolution)$/
const NUMBERS =
  /^(?:epoll_events|grpc_next_upstream_tries|grpc_ssl_verify_depth|http2_max_concurrent_(?:pushes|streams)|http2_streams_index_size|open_file_cache_min_uses|worker_aio_requests|worker_rlimit_nofile|\w+_hash_(?:bucket|max)_size)$/

/** What is wrong with it, in nginx's words; null: nothing that is known. */
export function idleProblem(node: DirectiveNode): string | null {
  const { name, args } = node
  const [value = ''] = args
  if (FLAGS.test(name)) return /^(?:on|off)$/i.test(value) ? null : invalidValue(node, value, '"on" or "off"')
  if (SIZES.test(name)) return readSize(value) === null ? `"${name}" directive invalid value` : null
  if (TIMES.test(name)) return readTime(value) === null ? `"${name}" directive invalid value` : null
  if (NUMBERS.test(name)) return readNumber(value) === null ? `"${name}" directive invalid number` : null
  return null
}
