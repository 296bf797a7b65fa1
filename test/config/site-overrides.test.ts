// A file and flags beside it: what both say is as the flags say, everywhere; what they do not say stays the file's.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Config } from '../../src/config/config.ts'
import { NOTHING_SAID } from '../../src/config/nginx/modules/shield.ts'
import { readSite } from '../../src/config/nginx/read-site.ts'
import { type Resolved, resolveConfig } from '../../src/config/resolve.ts'

const FILE = `
client_max_body_size 2m;
server {
  listen 127.0.0.1:8081 default_server;
  server_name a;
  location /one { client_max_body_size 3m; proxy_read_timeout 7s; proxy_pass http://127.0.0.1:9001; }
}
server { listen [::1]:8082; server_name b; location / { proxy_pass http://127.0.0.1:9002; } }
`

function resolvedOf(
  t: TestContext,
  flags: Record<string, unknown>,
  env: Record<string, string> = {},
  text = FILE,
): Resolved {
  const folder = mkdtempSync(join(tmpdir(), 'site-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const config = join(folder, 'a.conf')
  writeFileSync(config, text)
  return resolveConfig({ flags: { config, ...flags }, env, readSite })
}

function configOf(...args: Parameters<typeof resolvedOf>): Config {
  const resolved = resolvedOf(...args)
  assert.ok('config' in resolved, JSON.stringify(resolved))
  return resolved.config
}

const [cert, key] = ['cert.pem', 'key.pem'].map(name =>
  fileURLToPath(new URL(`tls/${name}`, import.meta.url)),
) as [string, string]

test('without flags the file says all', t => {
  const { site, listen, upstreams } = configOf(t, {})
  assert.deepEqual(
    listen.map(address => address.kind === 'tcp' && `${address.host} ${address.port}`),
    ['127.0.0.1 8081', '::1 8082'],
  )
  assert.equal(site?.servers[0]?.settings.maxBody, 2 * 1024 ** 2)
  assert.equal(site?.servers[0]?.locations[0]?.settings.maxBody, 3 * 1024 ** 2)
  // Of the first group: where a command after -- is to listen.
  assert.deepEqual(
    upstreams.map(({ name }) => name),
    ['127.0.0.1:9001'],
  )
})

test('a flag counts everywhere, and a variable too', t => {
  const { site } = configOf(t, { 'max-body': '9m' }, { SHIELDPROXY_READ_TIMEOUT: '11s' })
  const [first, second] = site!.servers
  for (const settings of [first!.settings, first!.locations[0]!.settings, second!.locations[0]!.settings]) {
    assert.equal(settings.maxBody, 9 * 1024 ** 2)
    assert.equal(settings.readTimeout, 11_000)
  }
})

test('what a place says of workers goes with an address that requests work out, unless a flag says it', t => {
  const text =
    'shield_hold 0; server { listen 8081; location / { shield_workers 3; proxy_pass http://$arg_to; } }'
  const shieldOf = (flags: Record<string, unknown>) => {
    const { pass } = configOf(t, flags, {}, text).site!.servers[0]!.locations[0]!.settings
    return pass?.kind === 'computed' ? pass.shield : pass
  }
  assert.deepEqual(shieldOf({}), { ...NOTHING_SAID, hold: 0, workers: 3 })
  assert.deepEqual(shieldOf({ hold: '2s', workers: '5' }), { ...NOTHING_SAID, workers: 5 })
})

test('--listen takes the place of every listen of the file; the first default stays it', t => {
  const { site, listen } = configOf(t, { listen: '127.0.0.1:7000' })
  assert.deepEqual(listen, [{ kind: 'tcp', host: '127.0.0.1', port: 7000 }])
  assert.deepEqual(
    site!.listens.map(({ servers }) => servers),
    [[0, 1]],
  )
})

test('$PORT is not meant where a file says where to listen', t => {
  assert.equal(configOf(t, {}, { PORT: '5000' }).listen.length, 2)
})

test('worker_shutdown_timeout is the drain’s, unless a flag says otherwise', t => {
  const text = `worker_shutdown_timeout 7s; events {} http { ${FILE} }`
  assert.equal(configOf(t, {}, {}, text).drainTimeout, 7_000)
  assert.equal(configOf(t, { 'drain-timeout': '3s' }, {}, text).drainTimeout, 3_000)
})

test('-e is the error log where the file has none', t => {
  assert.deepEqual(configOf(t, { 'error-log': 'stderr' }).site?.main.errorLog, [
    { path: 'stderr', level: 'error', syslog: null },
  ])
})

test('a site is frozen with the rest', t => {
  assert.ok(Object.isFrozen(configOf(t, {}).site?.servers[0]?.locations[0]?.settings))
})

test('--access-log is the one log; --tls-cert and its key are those of every server, and of --listen', t => {
  const text = `access_log /nowhere/a.log; ${FILE}`
  const flags = {
    'access-log': '/dev/null',
    'tls-cert': cert,
    'tls-key': key,
    listen: ['127.0.0.1:1', 'unix:/x'],
  }
  const { site, accessLog } = configOf(t, flags, {}, text)
  assert.equal(accessLog, '/dev/null')
  assert.deepEqual(
    site!.listens.map(({ ssl }) => ssl),
    [true, false],
  )
  for (const { settings } of site!.servers) {
    assert.equal(settings.accessLogs, null)
    assert.deepEqual(
      settings.tlsCertificates.map(each => each.path.text),
      [cert],
    )
  }
  assert.notEqual(configOf(t, {}, {}, text).site!.servers[0]!.settings.accessLogs, null)
})

test('a server that speaks TLS may have its certificate from the flags alone', t => {
  const text = 'server { listen 127.0.0.1:1 ssl; } server { listen 127.0.0.1:2; }'
  assert.match(JSON.stringify(resolvedOf(t, {}, {}, text)), /no \\"ssl_certificate\\" is defined/)
  const { site } = configOf(t, { 'tls-cert': cert, 'tls-key': key }, {}, text)
  assert.deepEqual(
    site!.listens.map(({ ssl }) => ssl),
    [true, false],
  )
  assert.equal(site!.servers[0]!.settings.tlsKeys[0]!.path.text, key)
})

test('a certificate that no listener needs is told of', t => {
  const said = (text: string) =>
    resolvedOf(t, { 'tls-cert': cert, 'tls-key': key }, {}, text)
      .remarks.map(({ message }) => message)
      .join()
  assert.match(said('server { listen 127.0.0.1:1; }'), /--tls-cert has no effect/)
  assert.doesNotMatch(said('server { listen 127.0.0.1:1 ssl; }'), /--tls-cert/)
})
