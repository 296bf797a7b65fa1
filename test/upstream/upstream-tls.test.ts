import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { everySetting } from '../../src/config/nginx/every-setting.ts'
import type { Settings } from '../../src/config/nginx/settings.ts'
import type { Script } from '../../src/config/nginx/site.ts'
import { checkUpstreamTls, UpstreamTls, UpstreamTlsError } from '../../src/upstream/upstream-tls.ts'
import { siteOf } from '../config/nginx/reading.ts'
import { Certificates } from '../support/certificates.ts'

function places(t: TestContext, lines: string, pass = 'https://127.0.0.1'): Settings[] {
  return [...everySetting(siteOf(t, `server { location / { ${lines} proxy_pass ${pass}; } }`).servers)]
}

const asWritten = ({ text }: Script): string => text

test('whoever is expected and asked for is the host without its port; an address is not asked for by name', t => {
  const [, place] = places(t, 'proxy_ssl_server_name on;')
  const tls = new UpstreamTls([])
  const of = (host: string) => {
    const { name, serverName } = tls.of(place!.proxyTls, host, asWritten)
    return `${name}|${serverName}`
  }
  assert.equal(of('app.example:8443'), 'app.example|app.example')
  assert.equal(of('app.example'), 'app.example|app.example')
  assert.equal(of('127.0.0.1:443'), '127.0.0.1|')
  assert.equal(of('[::1]:443'), '::1|')
  const [, silent] = places(t, '')
  assert.equal(tls.of(silent!.proxyTls, 'app.example', asWritten).serverName, '')
})

test('what is wrong with a file is told in the place of its directive, where https is spoken', t => {
  const certificates = new Certificates(t)
  const { cert, key } = certificates.of('client.example')
  const other = certificates.of('other.example')
  const notPem = join(certificates.folder, 'no.pem')
  writeFileSync(notPem, 'nothing')
  const wrong: Record<string, RegExp> = {
    'proxy_ssl_certificate /nowhere; proxy_ssl_certificate_key /nowhere;':
      /^cannot load certificate "\/nowhere": there is no such file/,
    [`proxy_ssl_certificate ${cert}; proxy_ssl_certificate_key /no;`]: /^cannot load certificate key "\/no"/,
    [`proxy_ssl_certificate ${cert}; proxy_ssl_certificate_key ${other.key};`]:
      /^cannot use ".*client\.example\.crt"/,
    'proxy_ssl_verify on; proxy_ssl_trusted_certificate /nowhere;': /^cannot load certificates "\/nowhere"/,
    'proxy_ssl_ciphers NOPE;': /^cannot use "NOPE" for TLS with the upstream/,
    'proxy_ssl_crl /nowhere;': /^cannot load revocation list "\/nowhere"/,
  }
  for (const [lines, message] of Object.entries(wrong)) {
    const [remark, ...more] = checkUpstreamTls(places(t, lines))
    assert.match(remark?.message ?? '', message)
    assert.equal(remark?.at?.line, 1)
    assert.deepEqual(more, [])
    assert.throws(() => new UpstreamTls(places(t, lines)), { message })
    assert.deepEqual(checkUpstreamTls(places(t, lines, 'http://127.0.0.1')), [])
  }
  const right = `proxy_ssl_certificate ${cert}; proxy_ssl_certificate_key ${key}; proxy_ssl_protocols TLSv1.2 TLSv1.3;`
  assert.deepEqual(checkUpstreamTls(places(t, right)), [])
})

test('places that say the same share what was made of it', t => {
  const all = [...places(t, 'proxy_ssl_protocols TLSv1.3;'), ...places(t, 'proxy_ssl_protocols TLSv1.3;')]
  const tls = new UpstreamTls(all)
  const [, a, , b] = all.map(({ proxyTls }) => tls.of(proxyTls, 'a', asWritten).context)
  assert.equal(a, b)
})

test('variables name a certificate with each request: one that is kept, one that has changed, one that is not there, none', t => {
  const certificates = new Certificates(t)
  const [a, b] = [certificates.of('a'), certificates.of('b')]
  const lines = (more: string): string =>
    `proxy_ssl_certificate ${certificates.folder}/$arg_x.crt; proxy_ssl_certificate_key ${certificates.folder}/$arg_x.key; ${more}`
  const [, place] = places(t, lines(''))
  const tls = new UpstreamTls([place!])
  const of = (value: string) =>
    tls.of(place!.proxyTls, 'app.example', ({ text }) => text.replace('$arg_x', value)).context
  const first = of('a')
  assert.equal(of('a'), first)
  assert.notEqual(of('b'), first)
  writeFileSync(a.cert, readFileSync(b.cert))
  assert.throws(() => of('a'), UpstreamTlsError)
  writeFileSync(a.key, readFileSync(b.key))
  assert.notEqual(of('a'), first)
  assert.throws(() => of('c'), { message: /^cannot load certificate ".*\/c\.crt": there is no such file$/ })
  const [, none] = places(t, 'proxy_ssl_certificate $arg_x; proxy_ssl_certificate_key $arg_x;')
  assert.ok(tls.of(none!.proxyTls, 'app.example', () => '').context)
  const [, half] = places(t, `proxy_ssl_certificate ${b.cert}; proxy_ssl_certificate_key $arg_x;`)
  assert.throws(() => tls.of(half!.proxyTls, 'app.example', ({ text }) => (text === '$arg_x' ? '' : text)), {
    message: /^cannot load certificate key "\$arg_x": its name comes out empty$/,
  })
  assert.deepEqual(checkUpstreamTls([place!, none!]), [])
})
