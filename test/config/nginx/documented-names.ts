// The directives of nginx's documentation for HTTP, each with the places where it may stand and its number of words: facts,
// gathered from the command tables of nginx 1.22 with its modules, and from the documentation for what is newer or
// commercial. Directives of `stream` and `mail` are left out, as those blocks are refused as a whole, and so are those of
// blocks that are refused or passed over (`acme_issuer`, `oidc_provider`, `mgmt`, `otel_exporter`, `match`).

/** By the places, which a comma parts: names as `readNames` of the catalogue has them. */
export const DOCUMENTED: Readonly<Record<string, string>> = {
  events: `
    accept_mutex accept_mutex_delay debug_connection epoll_events multi_accept use worker_aio_requests
    worker_connections
  `,
  http: `
    acme_issuer{}:1 acme_shared_zone auth_jwt_claim_set:2+ auth_jwt_header_set:2+ charset_map{}:2
    fastcgi_cache_path:2+ geoip_city:1-2 geoip_country:1-2 geoip_org:1-2 geoip_proxy geoip_proxy_recursive
    geo{}:1-2 http2_recv_buffer_size js_shared_dict_zone:1+ json_max_depth json_set:3 keyval:3
    keyval_zone:1+ limit_conn_zone:2 limit_req_zone:3 log_format:2+ map_hash_bucket_size map_hash_max_size
    map{}:2 match{}:1 num_map{}:1-2 oidc_provider{}:1 otel_exporter{} otel_service_name perl_modules
    perl_require perl_set:2 proxy_cache_path:2+ scgi_cache_path:2+ server_names_hash_bucket_size
    server_names_hash_max_size server{} session_log_format:2+ session_log_zone:2+ split_clients{}:2
    upstream{}:1 uwsgi_cache_path:2+ variables_hash_bucket_size variables_hash_max_size
  `,
  location: `
    alias api:0-1 empty_gif:0 f4f:0 flv:0 health_check:0+ hls:0 image_filter:1-3 internal:0 js_periodic:1+
    limit_except{}:1+ mp4:0 random_index status:0 upstream_conf:0 xslt_stylesheet:1+
  `,
  main: `
    daemon debug_points env error_log:1+ events{} google_perftools_profiles http{}
    js_load_http_native_module:1-3 js_load_stream_native_module:1-3 load_module lock_file mail{}
    master_process mgmt{} pcre_jit pid quic_bpf ssl_engine ssl_object_cache_inheritable stream{}
    thread_pool:2-3 timer_resolution user:1-2 worker_cpu_affinity:1+ worker_priority worker_processes
    worker_rlimit_core worker_rlimit_nofile worker_shutdown_timeout working_directory
  `,
  server: `
    acme_certificate:1+ listen:1+ server_name:1+
  `,
  upstream: `
    hash:1-2 ip_hash:0 keepalive keepalive_requests keepalive_time keepalive_timeout least_conn:0
    least_time:1-2 ntlm:0 queue:1-2 random:0-2 resolver:1+ resolver_timeout server:1+ state sticky:1+
    sticky_cookie_insert:1-3 zone:1-2
  `,
  'http, server': `
    client_header_buffer_size client_header_timeout connection_pool_size http2 http2_body_preread_size
    http2_idle_timeout http2_max_concurrent_pushes http2_max_concurrent_streams http2_max_field_size
    http2_max_header_size http2_max_requests http2_pool_size http2_recv_timeout http2_streams_index_size
    http3 http3_hq http3_max_concurrent_streams http3_stream_buffer_size ignore_invalid_headers
    large_client_header_buffers:2 max_headers merge_slashes quic_active_connection_id_limit quic_gso
    quic_host_key quic_retry request_pool_size spdy_headers_comp ssl ssl_buffer_size ssl_certificate
    ssl_certificate_cache:1-3 ssl_certificate_compression ssl_certificate_key ssl_ciphers
    ssl_client_certificate ssl_conf_command:2 ssl_crl ssl_dhparam ssl_early_data ssl_ecdh_curve ssl_ech_file
    ssl_key_log ssl_ocsp ssl_ocsp_cache ssl_ocsp_responder ssl_password_file ssl_prefer_server_ciphers
    ssl_protocols:1+ ssl_reject_handshake ssl_session_cache:1-2 ssl_session_ticket_key ssl_session_tickets
    ssl_session_timeout ssl_stapling ssl_stapling_file ssl_stapling_responder ssl_stapling_verify
    ssl_trusted_certificate ssl_verify_client ssl_verify_depth underscores_in_headers
  `,
  'location, if in location': `
    fastcgi_pass grpc_pass memcached_pass scgi_pass uwsgi_pass
  `,
  'location, limit_except': `
    perl
  `,
  'server, location': `
    if{}:1+ internal_redirect location{}:1-2 referer_hash_bucket_size referer_hash_max_size stub_status:0-1
    try_files:2+ valid_referers:1+
  `,
  'http, server, location': `
    absolute_redirect add_after_body add_before_body addition_types:1+ aio aio_write ancient_browser:1+
    ancient_browser_value auth_delay auth_jwt_key_cache auth_jwt_key_file auth_jwt_key_request
    auth_jwt_leeway auth_jwt_require auth_jwt_type auth_oidc auth_request auth_request_set:2 auth_require
    autoindex autoindex_exact_size autoindex_format autoindex_localtime charset_types:1+
    chunked_transfer_encoding client_body_buffer_size client_body_early_read:1+ client_body_in_file_only
    client_body_in_single_buffer client_body_temp_path:1-4 client_body_timeout client_max_body_size
    create_full_put_path dav_access:1-3 dav_methods:1+ default_type directio directio_alignment
    disable_symlinks:1-2 early_hints:1+ error_log:1+ etag f4f_buffer_size fastcgi_bind:1-2
    fastcgi_buffer_size fastcgi_buffering fastcgi_buffers:2 fastcgi_busy_buffers_size fastcgi_cache
    fastcgi_cache_background_update fastcgi_cache_bypass:1+ fastcgi_cache_key fastcgi_cache_lock
    fastcgi_cache_lock_age fastcgi_cache_lock_timeout fastcgi_cache_max_range_offset
    fastcgi_cache_methods:1+ fastcgi_cache_min_uses fastcgi_cache_purge:1+ fastcgi_cache_revalidate
    fastcgi_cache_use_stale:1+ fastcgi_cache_valid:1+ fastcgi_catch_stderr fastcgi_connect_timeout
    fastcgi_force_ranges fastcgi_hide_header fastcgi_ignore_client_abort fastcgi_ignore_headers:1+
    fastcgi_index fastcgi_intercept_errors fastcgi_keep_conn fastcgi_limit_rate fastcgi_max_temp_file_size
    fastcgi_next_upstream:1+ fastcgi_next_upstream_timeout fastcgi_next_upstream_tries fastcgi_no_cache:1+
    fastcgi_param:2-3 fastcgi_pass_header fastcgi_pass_request_body fastcgi_pass_request_headers
    fastcgi_read_timeout fastcgi_request_buffering fastcgi_send_lowat fastcgi_send_timeout
    fastcgi_socket_keepalive fastcgi_split_path_info fastcgi_store fastcgi_store_access:1-3
    fastcgi_temp_file_write_size fastcgi_temp_path:1-4 grpc_bind:1-2 grpc_buffer_size grpc_connect_timeout
    grpc_hide_header grpc_ignore_headers:1+ grpc_intercept_errors grpc_next_upstream:1+
    grpc_next_upstream_timeout grpc_next_upstream_tries grpc_pass_header grpc_read_timeout grpc_send_timeout
    grpc_set_header:2 grpc_socket_keepalive grpc_ssl_certificate grpc_ssl_certificate_cache:1-3
    grpc_ssl_certificate_key grpc_ssl_ciphers grpc_ssl_conf_command:2 grpc_ssl_crl grpc_ssl_key_log
    grpc_ssl_name grpc_ssl_password_file grpc_ssl_protocols:1+ grpc_ssl_server_name grpc_ssl_session_reuse
    grpc_ssl_trusted_certificate grpc_ssl_verify grpc_ssl_verify_depth gunzip gunzip_buffers:2
    gzip_buffers:2 gzip_comp_level gzip_disable:1+ gzip_hash gzip_http_version gzip_min_length
    gzip_no_buffer gzip_proxied:1+ gzip_static gzip_types:1+ gzip_vary gzip_window hls_buffers:2
    hls_forward_args hls_fragment hls_mp4_buffer_size hls_mp4_max_buffer_size http2_chunk_size http2_push
    http2_push_preload if_modified_since image_filter_buffer image_filter_interlace
    image_filter_jpeg_quality image_filter_sharpen image_filter_transparency image_filter_webp_quality
    index:1+ js_context_reuse js_engine js_fetch_buffer_size js_fetch_ciphers js_fetch_keepalive
    js_fetch_keepalive_requests js_fetch_keepalive_time js_fetch_keepalive_timeout
    js_fetch_max_response_buffer_size js_fetch_protocols:1+ js_fetch_proxy js_fetch_timeout
    js_fetch_trusted_certificate js_fetch_verify js_fetch_verify_depth js_import:1-3 js_path
    js_preload_object:1-3 js_set:2 js_var:1-2 keepalive_disable:1-2 keepalive_min_timeout keepalive_requests
    keepalive_time keepalive_timeout:1-2 limit_conn:2 limit_conn_dry_run limit_conn_log_level
    limit_conn_status limit_req:1-3 limit_req_dry_run limit_req_log_level limit_req_status lingering_close
    lingering_time lingering_timeout log_not_found log_subrequest max_ranges memcached_bind:1-2
    memcached_buffer_size memcached_connect_timeout memcached_gzip_flag memcached_next_upstream:1+
    memcached_next_upstream_timeout memcached_next_upstream_tries memcached_read_timeout
    memcached_send_timeout memcached_socket_keepalive min_delete_depth mirror mirror_request_body
    modern_browser:1-2 modern_browser_value mp4_buffer_size mp4_limit_rate mp4_limit_rate_after
    mp4_max_buffer_size mp4_start_key_frame msie_padding msie_refresh open_file_cache:1-2
    open_file_cache_errors open_file_cache_events open_file_cache_min_uses open_file_cache_valid
    open_log_file_cache:1-4 output_buffers:2 port_in_redirect postpone_gzipping postpone_output
    proxy_allow_upstream:1+ proxy_bind:1-2 proxy_bind_dynamic proxy_buffer_size proxy_buffering
    proxy_buffers:2 proxy_busy_buffers_size proxy_cache proxy_cache_background_update proxy_cache_bypass:1+
    proxy_cache_convert_head proxy_cache_key proxy_cache_lock proxy_cache_lock_age proxy_cache_lock_timeout
    proxy_cache_max_range_offset proxy_cache_methods:1+ proxy_cache_min_uses proxy_cache_purge:1+
    proxy_cache_revalidate proxy_cache_use_stale:1+ proxy_cache_valid:1+ proxy_connect_timeout
    proxy_cookie_domain:1-2 proxy_cookie_flags:1-4 proxy_cookie_path:1-2 proxy_force_ranges
    proxy_headers_hash_bucket_size proxy_headers_hash_max_size proxy_hide_header proxy_http_version
    proxy_ignore_client_abort proxy_ignore_headers:1+ proxy_intercept_errors proxy_limit_rate
    proxy_max_temp_file_size proxy_method proxy_next_upstream:1+ proxy_next_upstream_timeout
    proxy_next_upstream_tries proxy_no_cache:1+ proxy_pass_header proxy_pass_request_body
    proxy_pass_request_headers proxy_pass_trailers proxy_read_timeout proxy_redirect:1-2
    proxy_request_buffering proxy_request_dynamic proxy_send_lowat proxy_send_timeout proxy_set_body
    proxy_set_header:2 proxy_socket_keepalive proxy_ssl_certificate proxy_ssl_certificate_cache:1-3
    proxy_ssl_certificate_key proxy_ssl_ciphers proxy_ssl_conf_command:2 proxy_ssl_crl proxy_ssl_key_log
    proxy_ssl_name proxy_ssl_password_file proxy_ssl_protocols:1+ proxy_ssl_server_name
    proxy_ssl_session_reuse proxy_ssl_trusted_certificate proxy_ssl_verify proxy_ssl_verify_depth
    proxy_store proxy_store_access:1-3 proxy_temp_file_write_size proxy_temp_path:1-4 read_ahead
    real_ip_header real_ip_recursive recursive_error_pages reset_timedout_connection resolver:1+
    resolver_timeout satisfy scgi_bind:1-2 scgi_buffer_size scgi_buffering scgi_buffers:2
    scgi_busy_buffers_size scgi_cache scgi_cache_background_update scgi_cache_bypass:1+ scgi_cache_key
    scgi_cache_lock scgi_cache_lock_age scgi_cache_lock_timeout scgi_cache_max_range_offset
    scgi_cache_methods:1+ scgi_cache_min_uses scgi_cache_purge:1+ scgi_cache_revalidate
    scgi_cache_use_stale:1+ scgi_cache_valid:1+ scgi_connect_timeout scgi_force_ranges scgi_hide_header
    scgi_ignore_client_abort scgi_ignore_headers:1+ scgi_intercept_errors scgi_limit_rate
    scgi_max_temp_file_size scgi_next_upstream:1+ scgi_next_upstream_timeout scgi_next_upstream_tries
    scgi_no_cache:1+ scgi_param:2-3 scgi_pass_header scgi_pass_request_body scgi_pass_request_headers
    scgi_read_timeout scgi_request_buffering scgi_send_timeout scgi_socket_keepalive scgi_store
    scgi_store_access:1-3 scgi_temp_file_write_size scgi_temp_path:1-4 secure_link secure_link_md5
    secure_link_secret send_lowat send_timeout sendfile_max_chunk server_name_in_redirect server_tokens
    session_log set_real_ip_from slice spdy_chunk_size ssi_ignore_recycled_buffers ssi_last_modified
    ssi_min_file_chunk ssi_silent_errors ssi_types:1+ ssi_value_length status_format:1-2 sub_filter:2
    sub_filter_last_modified sub_filter_once sub_filter_types:1+ subrequest_output_buffer_size tcp_nodelay
    tcp_nopush tunnel_allow_upstream:1+ tunnel_bind tunnel_bind_dynamic tunnel_buffer_size
    tunnel_connect_timeout tunnel_next_upstream:1+ tunnel_next_upstream_timeout tunnel_next_upstream_tries
    tunnel_read_timeout tunnel_send_lowat tunnel_send_timeout tunnel_socket_keepalive types_hash_bucket_size
    types_hash_max_size types{} userid userid_domain userid_expires userid_flags:1-3 userid_mark userid_name
    userid_p3p userid_path userid_service uwsgi_bind:1-2 uwsgi_buffer_size uwsgi_buffering uwsgi_buffers:2
    uwsgi_busy_buffers_size uwsgi_cache uwsgi_cache_background_update uwsgi_cache_bypass:1+ uwsgi_cache_key
    uwsgi_cache_lock uwsgi_cache_lock_age uwsgi_cache_lock_timeout uwsgi_cache_max_range_offset
    uwsgi_cache_methods:1+ uwsgi_cache_min_uses uwsgi_cache_purge:1+ uwsgi_cache_revalidate
    uwsgi_cache_use_stale:1+ uwsgi_cache_valid:1+ uwsgi_connect_timeout uwsgi_force_ranges uwsgi_hide_header
    uwsgi_ignore_client_abort uwsgi_ignore_headers:1+ uwsgi_intercept_errors uwsgi_limit_rate
    uwsgi_max_temp_file_size uwsgi_modifier1 uwsgi_modifier2 uwsgi_next_upstream:1+
    uwsgi_next_upstream_timeout uwsgi_next_upstream_tries uwsgi_no_cache:1+ uwsgi_param:2-3
    uwsgi_pass_header uwsgi_pass_request_body uwsgi_pass_request_headers uwsgi_read_timeout
    uwsgi_request_buffering uwsgi_send_timeout uwsgi_socket_keepalive uwsgi_ssl_certificate
    uwsgi_ssl_certificate_cache:1-3 uwsgi_ssl_certificate_key uwsgi_ssl_ciphers uwsgi_ssl_conf_command:2
    uwsgi_ssl_crl uwsgi_ssl_key_log uwsgi_ssl_name uwsgi_ssl_password_file uwsgi_ssl_protocols:1+
    uwsgi_ssl_server_name uwsgi_ssl_session_reuse uwsgi_ssl_trusted_certificate uwsgi_ssl_verify
    uwsgi_ssl_verify_depth uwsgi_store uwsgi_store_access:1-3 uwsgi_string uwsgi_temp_file_write_size
    uwsgi_temp_path:1-4 xml_entities xslt_last_modified xslt_param:2 xslt_string_param:2 xslt_types:1+
  `,
  'location, if in location, limit_except': `
    js_body_filter:1-2 js_content js_header_filter proxy_pass
  `,
  'server, location, if in location': `
    status_zone tunnel_pass:0-1
  `,
  'http, server, location, if in location': `
    add_header:2-3 add_header_inherit add_trailer:2-3 add_trailer_inherit charset error_page:2+ expires:1-2
    gzip limit_rate limit_rate_after otel_span_attr:2 otel_span_name otel_trace otel_trace_context
    override_charset post_action root sendfile source_charset ssi
  `,
  'http, server, location, limit_except': `
    allow auth_basic auth_basic_user_file auth_jwt deny
  `,
  'server, location, if in server, if in location': `
    break:0 return:1-2 rewrite:2-3 set:2
  `,
  'http, server, location, if in location, limit_except': `
    access_log:1+
  `,
  'http, server, location, if in server, if in location': `
    rewrite_log uninitialized_variable_warn
  `,
}
