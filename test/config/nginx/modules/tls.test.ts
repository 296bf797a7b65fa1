// The directives of TLS: what they come to, what is missing, what cannot be honoured.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readSite } from '../../../../src/config/nginx/read-site.ts'

function read(t: TestContext, text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'nginx.conf')
  writeFileSync(path, text)
  const { site, remarks } = readSite({ path, prefix: '/srv/prefix' })
  const lines = remarks.map(({ level, message, at }) => `${level} ${message} ${at?.line}`)
  return { site, settings: site?.servers[0]?.settings, lines, folder }
}

const CERTIFICATE = 'ssl_certificate a.crt; ssl_certificate_key a.key;'
const server = (text: string): string => `server { listen 127.0.0.1:8443 ssl; ${text} }`

test('files are looked for beside the main file, not in the prefix', t => {
  const { settings, folder } = read(t, server(`${CERTIFICATE} ssl_crl /x/crl.pem; ssl_dhparam dh.pem;`))
  assert.deepEqual(
    settings?.tlsCertificates.map(({ path }) => path.text),
    [join(folder, 'a.crt')],
  )
  assert.deepEqual(
    settings?.tlsKeys.map(({ path }) => path.text),
    [join(folder, 'a.key')],
  )
  assert.deepEqual(
    [settings?.tlsCrl?.path, settings?.tlsDhparam?.path],
    ['/x/crl.pem', join(folder, 'dh.pem')],
  )
})

test('with variables a path stays as it was written until they are known', t => {
  const { settings, folder } = read(
    t,
    server(
      'ssl_certificate $ssl_server_name.crt; ssl_certificate_key data:x; ssl_certificate_cache max=9 valid=2s;',
    ),
  )
  assert.deepEqual(
    [...settings!.tlsCertificates, ...settings!.tlsKeys].map(each => [each.path.text, each.folder]),
    [
      ['$ssl_server_name.crt', folder],
      ['data:x', folder],
    ],
  )
  assert.deepEqual(settings?.tlsCertificateCache, { most: 9, inactive: 10_000, valid: 2_000 })
})

test('a usual server of TLS, as generators write it', t => {
  const { settings, lines } = read(
    t,
    server(`${CERTIFICATE}
      ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers HIGH:!aNULL:!MD5; ssl_prefer_server_ciphers on;
      ssl_session_timeout 1d; ssl_session_cache shared:MozSSL:10m; ssl_session_tickets off;
      ssl_ecdh_curve X25519:prime256v1; ssl_stapling on; ssl_stapling_verify on;`),
  )
  assert.deepEqual(settings?.tlsProtocols, ['TLSv1.2', 'TLSv1.3'])
  assert.deepEqual([settings?.tlsCiphers, settings?.tlsServerOrder], ['HIGH:!aNULL:!MD5', true])
  assert.deepEqual([settings?.tlsSessionTimeout, settings?.tlsTickets], [86_400_000, false])
  assert.deepEqual(settings?.tlsSessionCache, { name: 'MozSSL', bytes: 10 * 1024 ** 2, shared: true })
  assert.equal(settings?.tlsCurves, 'X25519:prime256v1')
  assert.deepEqual(
    lines.map(line => /^notice "(\w+)" has no effect: \S/.exec(line)?.[1]),
    ['ssl_stapling', 'ssl_stapling_verify'],
  )
})

test('a server inherits, and what it says itself takes the place of all of it', t => {
  const { settings } = read(
    t,
    `${CERTIFICATE}\n${server('ssl_certificate b.crt; ssl_certificate_key b.key;')}`,
  )
  assert.deepEqual(
    settings?.tlsCertificates.map(({ path }) => path.text.split('/').at(-1)),
    ['b.crt'],
  )
})

test('the older "ssl on" is of the addresses whose default server says so', t => {
  const { site } = read(
    t,
    `${CERTIFICATE} server { listen 127.0.0.1:8443; ssl on; } server { listen 127.0.0.1:8443; listen 127.0.0.1:8080; }`,
  )
  assert.deepEqual(
    site?.listens.map(({ ssl }) => ssl),
    [true, false],
  )
  const inherited = read(t, `ssl on; ${CERTIFICATE} server { listen 127.0.0.1:8443; ssl off; }`).site
  assert.equal(inherited?.listens[0]?.ssl, false)
})

for (const [text, expected] of [
  [server(''), 'emerg no "ssl_certificate" is defined for the "listen ... ssl" directive 1'],
  [server('ssl_reject_handshake on;'), undefined],
  [
    server('ssl_certificate a.crt;'),
    /^emerg no "ssl_certificate_key" is defined for certificate ".*\/a\.crt" 1$/,
  ],
  [
    server(`${CERTIFICATE} ssl_verify_client on;`),
    'emerg no "ssl_client_certificate" is defined for "ssl_verify_client" 1',
  ],
  [server(`${CERTIFICATE} ssl_verify_client optional_no_ca;`), undefined],
  [server(`${CERTIFICATE} ssl_verify_client maybe;`), /^emerg invalid value "maybe" in "ssl_verify_client"/],
  [
    server(`${CERTIFICATE} ssl_protocols TLSv9;`),
    'emerg invalid value "TLSv9" in "ssl_protocols" directive 1',
  ],
  [server(`${CERTIFICATE} ssl_protocols SSLv3;`), /^emerg "ssl_protocols" has SSL only/],
  [server(`${CERTIFICATE} ssl_session_cache shared:x;`), 'emerg invalid session cache "shared:x" 1'],
  [server(`${CERTIFICATE} ssl_ocsp on;`), /^emerg "ssl_ocsp" is not supported: .*ssl_crl/],
  [
    server(`${CERTIFICATE} ssl_conf_command Options AntiReplay;`),
    /^emerg "ssl_conf_command Options AntiReplay" cannot be/,
  ],
  [
    server('ssl_certificate engine:x:y; ssl_certificate_key a.key;'),
    /^emerg "engine:" is not supported in "ssl_certificate": name a file/,
  ],
  [server(`${CERTIFICATE} ssl_certificate_cache off;`), undefined],
  [
    server(`${CERTIFICATE} ssl_certificate_cache inactive=1s;`),
    'emerg "ssl_certificate_cache" must have the "max" parameter 1',
  ],
  [
    server(`${CERTIFICATE} ssl_certificate_cache max=4 valid=x;`),
    /^emerg invalid value "valid=x" in "ssl_certificate_cache" directive/,
  ],
  [server(`ssl on; ${CERTIFICATE}`), /^warn the "ssl" directive is deprecated; write "listen … ssl"/],
  [server('ssl maybe;'), 'emerg invalid value "maybe" in "ssl" directive, it must be "on" or "off" 1'],
] as const) {
  test(text.slice('server { listen 127.0.0.1:8443 ssl; '.length), t => {
    const [line] = read(t, text).lines
    if (expected instanceof RegExp) assert.match(line ?? '', expected)
    else assert.equal(line, expected)
  })
}
