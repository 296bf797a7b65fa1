// Flags printed as a file, and the file read again: what comes out is what went in.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Config } from '../../src/config/config.ts'
import { readSite } from '../../src/config/nginx/read-site.ts'
import { printNginx } from '../../src/config/print-nginx.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { checkScripts } from '../../src/script/check-scripts.ts'

interface Trip {
  readonly before: Config
  readonly after: Config
  readonly text: string
}

function trip(t: TestContext, flags: Record<string, unknown>, command: string[] = []): Trip {
  const folder = mkdtempSync(join(tmpdir(), 'print-nginx-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const before = resolveConfig({ flags: { upstream: ':8000', ...flags }, env: {}, command })
  assert.ok('config' in before, JSON.stringify(before))
  const text = printNginx(before.config, before.given)
  const config = join(folder, 'nginx.conf')
  writeFileSync(config, text)
  const after = resolveConfig({ flags: { config }, env: {}, readSite })
  assert.ok('config' in after, `${JSON.stringify(after)}\n${text}`)
  assert.deepEqual(checkScripts(after.config.site!), [])
  assert.deepEqual(
    after.remarks.filter(({ level }) => level === 'emerg'),
    [],
  )
  return { before: before.config, after: after.config, text }
}

/** What a file says of the same things, in the words of the flags. */
function said({ site, listen, drainTimeout }: Config) {
  const group = site!.groups[0]!
  const { settings } = site!.servers[0]!.locations[0]!
  return {
    listen,
    drainTimeout,
    upstreams: group.servers.map(({ address }) => address),
    workers: group.shield.workers,
    workerTimeout: group.shield.workerTimeout,
    queueSize: group.shield.queueSize,
    queueTimeout: group.shield.queueTimeout,
    hold: group.shield.hold,
    healthcheckPaths: group.shield.healthchecks,
    maxBody: settings.maxBody || Number.MAX_SAFE_INTEGER,
    maxHeader: settings.maxHeader,
    headerTimeout: settings.headerTimeout,
    bodyTimeout: settings.bodyTimeout,
    sendTimeout: settings.sendTimeout,
    keepaliveTimeout: settings.keepaliveTimeout,
    connectTimeout: settings.connectTimeout,
    readTimeout: settings.readTimeout,
    requestBuffering: settings.requestBuffering,
    responseBuffering: settings.responseBuffering,
  }
}

function wanted(config: Config) {
  return {
    listen: config.listen,
    drainTimeout: config.drainTimeout,
    upstreams: config.upstreams.map(({ address }) => address),
    workers: config.workers ?? 'auto',
    workerTimeout: config.workerTimeout,
    queueSize: config.queueSize,
    queueTimeout: config.queueTimeout,
    hold: config.hold,
    healthcheckPaths: config.healthcheckPaths,
    maxBody: config.maxBody,
    maxHeader: config.maxHeader,
    headerTimeout: config.headerTimeout,
    bodyTimeout: config.bodyTimeout,
    sendTimeout: config.sendTimeout,
    keepaliveTimeout: config.keepaliveTimeout,
    connectTimeout: config.connectTimeout,
    readTimeout: config.readTimeout,
    requestBuffering: config.requestBuffering,
    responseBuffering: config.responseBuffering,
  }
}

for (const [name, flags] of Object.entries({
  defaults: {},
  'many of them': {
    upstream: ['app:8000', 'unix:/run/my app.sock', '[::1]:9'],
    listen: ['127.0.0.1:81', '[::1]:82', ':83', 'unix:/run/in.sock'],
    workers: '4',
    'worker-timeout': '1500ms',
    'queue-size': '0',
    'queue-timeout': '1m',
    hold: '0',
    'max-body': '0',
    'max-header': '64k',
    'keepalive-timeout': '75s',
    'header-timeout': '10s',
    'body-timeout': '250ms',
    'send-timeout': '21s',
    'connect-timeout': '1h',
    'read-timeout': '90s',
    'drain-timeout': '0',
    'request-buffering': 'off',
    'response-buffering': 'off',
    'healthcheck-path': ['/ping', '/a{b}'],
    'trusted-proxies': 'none',
  },
  'an edge': { edge: 'alb', 'healthcheck-path': 'none' },
})) {
  test(`${name} come out as they went in`, t => {
    const { before, after } = trip(t, flags)
    assert.deepEqual(said(after), wanted(before))
  })
}

test('certificates are those of every TCP listener', t => {
  const [cert, key] = ['cert.pem', 'key.pem'].map(name =>
    fileURLToPath(new URL(`tls/${name}`, import.meta.url)),
  )
  const { after } = trip(t, { 'tls-cert': cert, 'tls-key': key, listen: [':1', 'unix:/run/a.sock'] })
  assert.deepEqual(
    after.site?.listens.map(({ ssl }) => ssl),
    [true, false],
  )
  assert.deepEqual(
    after.site?.servers[0]?.settings.tlsCertificates.map(({ path }) => path.text),
    [cert],
  )
})

test('a certificate that is named from here is found from wherever the file is kept', t => {
  const [cert, key] = ['cert.pem', 'key.pem'].map(name =>
    relative('', fileURLToPath(new URL(`tls/${name}`, import.meta.url))),
  )
  const { after } = trip(t, { 'tls-cert': cert, 'tls-key': key, listen: [':1'] })
  assert.equal(after.site?.servers[0]?.settings.tlsCertificates[0]?.path.text, resolve(cert!))
})

test('what no directive stands for is told as the command line of the file', t => {
  const { text } = trip(t, { cores: '2', 'log-level': 'warn', 'spool-dir': "/a b'c" }, [
    'gunicorn',
    'app:app',
  ])
  assert.match(
    text,
    /^# {3}shieldproxy -c nginx\.conf --spool-dir '\/a b'\\''c' --log-level warn --cores 2 -- gunicorn app:app$/m,
  )
})
