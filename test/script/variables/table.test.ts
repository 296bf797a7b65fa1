import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtIn, isFixed, variableNames } from '../../../src/script/variables/table.ts'
import { checkedByNginx } from '../../support/nginx.ts'
import { without } from '../../support/servers.ts'
import { type Case, sameAsNginx } from '../judge.ts'

test('names, beginnings of names, and what may be defined anew', () => {
  for (const name of ['host', 'http_', 'http_x_y', 'arg_a', 'cookie_a', 'sent_http_a', 'upstream_http_a'])
    assert.ok(builtIn(name), name)
  for (const name of ['', 'x', 'ho', 'http', 'constructor', '__proto__'])
    assert.equal(builtIn(name), null, name)
  assert.ok(
    isFixed('host') && isFixed('uri') && !isFixed('args') && !isFixed('ssl_cipher') && !isFixed('http_x'),
  )
})

// Of modules that its packager leaves out, of later versions, and our own.
const NOT_ITS =
  /^shield_|^http3$|^ssl_(?:curve|sigalg|client_sigalg)$|^proxy_protocol_tlv_|^uid_|request_port$/

test('nginx knows every one of them', { skip: without('nginx') }, t => {
  const names = variableNames().filter(name => !NOT_ITS.test(name))
  assert.ok(names.length > 110)
  const said = checkedByNginx(
    t,
    `server { listen 127.0.0.1:1; return 200 "${names.map(name => `$${name} `).join('')}"; }`,
  )
  assert.equal(said, null)
})

test('nginx lets the same ones be defined anew', { skip: without('nginx') }, t => {
  for (const name of [
    'host',
    'uri',
    'args',
    'limit_rate',
    'http_foo',
    'http_cookie',
    'scheme',
    'proxy_host',
    'proxy_port',
    'proxy_add_x_forwarded_for',
    'ssl_cipher',
    'msie',
  ]) {
    const said = checkedByNginx(t, `map $args $${name} { default 1; } server { listen 127.0.0.1:1; }`)
    assert.equal(said, isFixed(name) ? `the duplicate "${name}" variable` : null)
  }
})

const LINES = [
  '$request|$request_method|$request_uri|$uri|$document_uri|$args|$query_string|$is_args|$server_protocol',
  '$host|$http_host|$server_name|$scheme|$https|$http2|$remote_addr|$server_addr|$connection_requests|$pipe',
  '$content_length|$content_type|$http_content_type|$http_x_y|$http_xy|$http_user_agent|$remote_user',
  '$arg_a|$arg_A|$arg_b|$arg_empty|$arg_none|$arg_|$cookie_a|$cookie_b|$cookie_c|$cookie_none|$http_cookie',
  '$proxy_add_x_forwarded_for|$http_x_forwarded_for|$limit_rate|$gzip_ratio|$request_completion|$status',
  '$upstream_addr|$upstream_status|$upstream_http_x|$upstream_cookie_x|$upstream_cache_status|$proxy_host',
  '$sent_http_x|$sent_trailer_x|$limit_req_status|$limit_conn_status|$realip_remote_addr|$proxy_protocol_addr',
  '$ssl_protocol|$ssl_client_verify|$msie|$ancient_browser|$modern_browser|$request_body|$request_body_file',
  '$fastcgi_script_name|$fastcgi_path_info|$slice_range|$secure_link|$tcpinfo_none',
]

const COMMON: Case = {
  http: 'map $uri $tcpinfo_none { default ""; }',
  text: LINES.join('\\n'),
  asks: [
    {},
    { target: '/a%20b/%41?A=1&a=2&b=x%20y&empty=&none' },
    { target: '/?xa=1&a', method: 'POST', fields: { 'Content-Type': 'text/x', 'Content-Length': '0' } },
    { target: '/?' },
    { target: '/?ba=0&b=1=2&c' },
    { fields: { 'X-Y': 'field', 'User-Agent': 'MSIE 6.0', Authorization: 'Basic am9lOnB3' } },
    { fields: { Authorization: 'basic  am9lOnB3OmE=' } },
    { fields: { Authorization: 'Basic am9l' } },
    { fields: { Authorization: 'Bearer am9lOnB3' } },
    { fields: { Cookie: 'b=1; A = 2 ;c=3;d' } },
    { fields: { Cookie: 'xa=0; a; a=; c="q"; b= x y ; b=2' } },
    { fields: { 'X-Forwarded-For': '10.0.0.1' } },
    { fields: { 'X-Forwarded-For': '10.0.0.1, 10.0.0.2' } },
  ],
}

test('values are those of nginx', { skip: without('nginx') }, t => {
  // $status there is that of the answer that is being made of the text.
  const text = COMMON.text.replace('|$status', '')
  return sameAsNginx(t, { ...COMMON, text })
})
