import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problems, siteOf } from '../reading.ts'

const WRONG: Readonly<Record<string, string>> = {
  'proxy_ssl_verify on;': 'no proxy_ssl_trusted_certificate for proxy_ssl_verify',
  'proxy_ssl_certificate /c;': 'no "proxy_ssl_certificate_key" is defined for certificate "/c"',
  'proxy_ssl_protocols foo;': 'invalid value "foo"',
  'proxy_ssl_verify maybe;':
    'invalid value "maybe" in "proxy_ssl_verify" directive, it must be "on" or "off"',
  'proxy_ssl_certificate engine:a:b;': '"engine:" is not supported in "proxy_ssl_certificate": name a file',
  'proxy_ssl_verify_depth x;': '"proxy_ssl_verify_depth" directive invalid number',
  'proxy_ssl_certificate_cache valid=1s;': '"proxy_ssl_certificate_cache" must have the "max" parameter',
  'proxy_ssl_conf_command Options X;':
    '"proxy_ssl_conf_command Options X" cannot be honoured; there is no option "x" here',
}

test('what nginx refuses is refused in its words', t => {
  for (const [line, problem] of Object.entries(WRONG)) {
    assert.deepEqual(problems(t, `server { location / { ${line} proxy_pass https://127.0.0.1; } }`), [
      problem,
    ])
  }
})

test('where no https is spoken, nothing has to go together', t => {
  const line = 'proxy_ssl_verify on; proxy_ssl_certificate /c;'
  assert.deepEqual(problems(t, `server { location / { ${line} proxy_pass http://127.0.0.1; } }`), [])
})

test('each directive is inherited by itself, and paths are relative to the file', t => {
  const { servers } = siteOf(
    t,
    `proxy_ssl_server_name on; proxy_ssl_trusted_certificate ca.pem;
    server { location / { proxy_ssl_name $host; proxy_ssl_server_name off; } location /x { } }`,
  )
  const [first, second] = servers[0]!.locations.map(({ settings }) => settings.proxyTls)
  assert.match(first!.trusted!, /^\/.*\/ca\.pem$/)
  assert.equal(first!.serverName, false)
  assert.equal(first!.name?.text, '$host')
  assert.equal(second!.serverName, true)
  assert.equal(second, servers[0]!.settings.proxyTls)
})

test('variables, commands and the rest, as they are written', t => {
  const { servers } = siteOf(
    t,
    `proxy_ssl_conf_command MinProtocol TLSv1.2; proxy_ssl_conf_command Certificate c.pem;
    server { location / {
      proxy_ssl_certificate $arg_a.crt; proxy_ssl_certificate_key /k/$arg_a.key; proxy_ssl_certificate_cache max=4 inactive=1s;
      proxy_ssl_session_reuse off; proxy_ssl_verify_depth 3; proxy_pass https://127.0.0.1; }
      location /x { proxy_ssl_certificate ""; proxy_ssl_certificate_cache off; proxy_pass https://127.0.0.1; } }`,
  )
  const [first, second] = servers[0]!.locations.map(({ settings }) => settings.proxyTls)
  assert.deepEqual(
    [first!.certificate, first!.certificateKey].map(each => each?.path.text),
    ['$arg_a.crt', '/k/$arg_a.key'],
  )
  assert.deepEqual(first!.certificateCache, { most: 4, inactive: 1_000, valid: 60_000 })
  assert.deepEqual([first!.sessionReuse, first!.verifyDepth], [false, 3])
  assert.deepEqual(first!.commands[0], { name: 'minprotocol', value: 'TLSv1.2' })
  assert.match(first!.commands[1]!.value, /^\/.*\/c\.pem$/)
  assert.deepEqual([second!.sessionReuse, second!.verifyDepth, second!.certificate], [true, 1, null])
})
