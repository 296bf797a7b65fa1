import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problems, siteOf } from '../reading.ts'

const WRONG: Readonly<Record<string, string>> = {
  'proxy_ssl_verify on;': 'no proxy_ssl_trusted_certificate for proxy_ssl_verify',
  'proxy_ssl_certificate /c;': 'no "proxy_ssl_certificate_key" is defined for certificate "/c"',
  'proxy_ssl_protocols foo;': 'invalid value "foo"',
  'proxy_ssl_verify maybe;':
    'invalid value "maybe" in "proxy_ssl_verify" directive, it must be "on" or "off"',
  'proxy_ssl_certificate $c;':
    '"proxy_ssl_certificate" with variables is not supported: name one file in each location',
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
