// Who a client is and whether it may come in, by ways that this proxy does not have. None of it may be passed over: a
// door that is thought to be locked would stand open.

import { EVERYWHERE, type Module } from '../table.ts'
import { module, not, notUnlessOff, without } from './rows.ts'

const ASK = 'ask a service of yours instead: auth_request is supported'

export const IDENTITY: readonly Module[] = [
  module(
    'ngx_http_auth_jwt_module',
    notUnlessOff(`tokens are not verified here; ${ASK}`, [...EVERYWHERE, 'limit_except'], 'auth_jwt'),
    not(
      `tokens are not verified here; ${ASK}`,
      EVERYWHERE,
      'auth_jwt_key_file auth_jwt_key_request auth_jwt_require',
    ),
    not(`tokens are not read here; ${ASK}`, ['http'], 'auth_jwt_claim_set auth_jwt_header_set'),
    without(
      'it goes with auth_jwt, which is refused wherever it stands',
      EVERYWHERE,
      'auth_jwt_key_cache auth_jwt_leeway auth_jwt_type',
    ),
  ),
  module(
    'ngx_http_auth_require_module',
    not(`write an "if" with "return 403;", or ${ASK}`, EVERYWHERE, 'auth_require'),
  ),
  module(
    'ngx_http_oidc_module',
    notUnlessOff(`OpenID Connect is not spoken here; ${ASK} (oauth2-proxy is one)`, EVERYWHERE, 'auth_oidc'),
    not(`OpenID Connect is not spoken here; ${ASK} (oauth2-proxy is one)`, ['http'], 'oidc_provider{}:1'),
  ),
  module(
    'ngx_http_geoip_module',
    not(
      'the databases that it reads are no longer published; take the country from your edge (CF-IPCountry, CloudFront-Viewer-Country) as $http_cf_ipcountry, or write the ranges in a geo block',
      ['http'],
      'geoip_city:1-2 geoip_country:1-2 geoip_org:1-2',
    ),
    without(
      'it goes with the geoip databases, which are refused',
      ['http'],
      'geoip_proxy geoip_proxy_recursive',
    ),
  ),
  module(
    'ngx_http_acme_module',
    not(
      'certificates are not fetched here; let certbot or lego fetch them and name the files in ssl_certificate',
      ['http'],
      'acme_issuer{}:1 acme_shared_zone',
    ),
    not(
      'certificates are not fetched here; let certbot or lego fetch them and name the files in ssl_certificate',
      ['server'],
      'acme_certificate:1+',
    ),
  ),
  module(
    'ngx_http_js_module',
    not(
      'scripts are not run here; the app is the place for this, and a map or auth_request often does it',
      [...EVERYWHERE],
      'js_import:1-3 js_set:2-3 js_var:1-2',
    ),
    not(
      'scripts are not run here; the app is the place for this',
      ['location', 'if in location', 'limit_except'],
      'js_access js_body_filter:1-2 js_content js_header_filter',
    ),
    not('scripts are not run here; let cron or systemd run them', ['location'], 'js_periodic:1-4'),
    not(
      'native code is not loaded here',
      ['main'],
      'js_load_http_native_module:1-3 js_load_stream_native_module:1-3',
    ),
    without(
      'scripts are not run here',
      EVERYWHERE,
      `js_context_reuse js_context_reuse_max_size js_engine js_fetch_buffer_size:size js_fetch_ciphers js_fetch_keepalive
       js_fetch_keepalive_requests js_fetch_keepalive_time js_fetch_keepalive_timeout
       js_fetch_max_response_buffer_size:size js_fetch_protocols:1+ js_fetch_proxy js_fetch_timeout
       js_fetch_trusted_certificate js_fetch_verify js_fetch_verify_depth js_path js_preload_object:1-3`,
    ),
    without('scripts are not run here', ['http'], 'js_shared_dict_zone:1+'),
  ),
  module(
    'ngx_http_perl_module',
    not('Perl is not run here; the app is the place for this', ['location', 'limit_except'], 'perl'),
    not('Perl is not run here; a map often does it', ['http'], 'perl_set:2'),
    without('Perl is not run here', ['http'], 'perl_modules perl_require'),
  ),
  module(
    'ngx_http_internal_redirect_module',
    not(
      'use rewrite, try_files or error_page, which redirect inwards too',
      ['server', 'location'],
      'internal_redirect',
    ),
  ),
]
