// What the golden cases in cases/ cannot say of the resolver: freezing, the terminal, the files of TLS.

import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Config } from '../../src/config/config.ts'
import { resolveConfig, type Sources } from '../../src/config/resolve.ts'

function settings(sources: Partial<Sources>): Config {
  const result = resolveConfig({ flags: { upstream: ':8000' }, env: {}, ...sources })
  assert.ok('config' in result, JSON.stringify(result))
  return result.config
}

test('the settings are frozen all the way down', () => {
  const config = settings({})
  const loose: string[] = []
  const walk = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null) return
    if (!Object.isFrozen(value)) loose.push(path)
    for (const [key, part] of Object.entries(value)) walk(part, `${path}.${key}`)
  }
  walk(config, 'config')
  assert.deepEqual(loose, [])
})

test('logs are for people on a terminal, unless told otherwise', () => {
  assert.equal(settings({ terminal: true }).logFormat, 'pretty')
  assert.equal(settings({ terminal: false }).logFormat, 'json')
  assert.equal(settings({ terminal: true, env: { SHIELDPROXY_LOG_FORMAT: 'json' } }).logFormat, 'json')
})

test('bodies are spooled to the system’s temporary folder', () =>
  assert.equal(settings({}).spoolDir, tmpdir()))

test('a certificate and its key are both in the settings', () => {
  const [cert, key] = ['cert.pem', 'key.pem'].map(name =>
    fileURLToPath(new URL(`tls/${name}`, import.meta.url)),
  )
  assert.deepEqual(settings({ flags: { upstream: ':8000', 'tls-cert': cert, 'tls-key': key } }).tls, {
    cert,
    key,
  })
})

test('a problem in the certificate’s variable is told there', () => {
  const result = resolveConfig({
    flags: { upstream: ':8000' },
    env: { SHIELDPROXY_TLS_CERT: '/', SHIELDPROXY_TLS_KEY: '/' },
  })
  assert.deepEqual('problems' in result && result.problems.map(problem => problem.where), [
    '$SHIELDPROXY_TLS_CERT',
    '$SHIELDPROXY_TLS_KEY',
  ])
})

test('neither the sources nor the tables are changed by being read', () => {
  const flags = Object.freeze({ upstream: Object.freeze([':8000', ':8001']) })
  const env = Object.freeze({ SHIELDPROXY_WORKERS: '3' })
  assert.deepEqual(settings({ flags, env }), settings({ flags, env }))
})
