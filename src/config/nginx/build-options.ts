// What is read here, in the words by which nginx tells how it was built (`nginx -V`): programs that set nginx up, and
// its own tests, decide by them what they can ask for. Knows no more than the tables do.

import { rowsOf } from './modules.ts'

/** The release whose documented directives the tables hold. */
export const READS_AS = '1.31.5'

/** Modules that nginx has unless it is told otherwise, by a directive that nobody who has one could do without. */
const USUAL: Readonly<Record<string, string>> = {
  charset: 'charset',
  gzip: 'gzip',
  ssi: 'ssi',
  userid: 'userid',
  access: 'allow',
  auth_basic: 'auth_basic',
  mirror: 'mirror',
  autoindex: 'autoindex',
  geo: 'geo',
  map: 'map',
  split_clients: 'split_clients',
  referer: 'valid_referers',
  rewrite: 'rewrite',
  proxy: 'proxy_pass',
  fastcgi: 'fastcgi_pass',
  uwsgi: 'uwsgi_pass',
  scgi: 'scgi_pass',
  grpc: 'grpc_pass',
  memcached: 'memcached_pass',
  limit_conn: 'limit_conn',
  limit_req: 'limit_req',
  empty_gif: 'empty_gif',
  browser: 'ancient_browser',
  upstream_hash: 'hash',
  upstream_ip_hash: 'ip_hash',
  upstream_least_conn: 'least_conn',
  upstream_random: 'random',
  upstream_keepalive: 'keepalive',
}

/** Those that it has only when it is told so, in the same way. */
const ASKED_FOR: Readonly<Record<string, string>> = {
  ssl: 'ssl_certificate',
  v2: 'http2',
  v3: 'http3',
  realip: 'real_ip_header',
  addition: 'add_before_body',
  xslt: 'xslt_stylesheet',
  image_filter: 'image_filter',
  geoip: 'geoip_country',
  sub: 'sub_filter',
  dav: 'dav_methods',
  flv: 'flv',
  mp4: 'mp4',
  gunzip: 'gunzip',
  gzip_static: 'gzip_static',
  auth_request: 'auth_request',
  random_index: 'random_index',
  secure_link: 'secure_link',
  slice: 'slice',
  stub_status: 'stub_status',
}

/** nginx's `configure` arguments that would give what is read here; its groups of upstreams are of one kind. */
export function buildOptions(): string[] {
  const without = Object.entries(USUAL).filter(([, directive]) => !isSupported(directive))
  const with_ = Object.entries(ASKED_FOR).filter(([, directive]) => isSupported(directive))
  return [
    ...with_.map(([module]) => `--with-http_${module}_module`),
    ...without.map(([module]) => `--without-http_${module}_module`),
    ...(isSupported('proxy_cache') ? [] : ['--without-http-cache']),
  ]
}

function isSupported(directive: string): boolean {
  const rows = rowsOf(directive)
  if (rows.length === 0) throw new Error(`no directive is called ${directive}`)
  return rows.some(({ state }) => state === undefined)
}
