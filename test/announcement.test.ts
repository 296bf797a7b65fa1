import assert from 'node:assert/strict'
import { test } from 'node:test'
import { announce } from '../src/announcement.ts'
import type { Address } from '../src/config/config.ts'
import { resolveConfig } from '../src/config/resolve.ts'

function lines(flags: Record<string, string>, admin: Address | null): [level: string, ...said: unknown[]][] {
  const resolved = resolveConfig({ flags: { upstream: ':8000', ...flags }, env: {} })
  assert.ok('config' in resolved, JSON.stringify(resolved))
  const said: [level: string, ...said: unknown[]][] = []
  const log = {
    info: (fields: object, message: string) => void said.push(['info', fields, message]),
    warn: (fields: object, message: string) => void said.push(['warn', fields, message]),
  }
  const address = { kind: 'tcp', host: '127.0.0.1', port: 8080 } as const
  announce({ config: resolved.config, observer: { log } as never, admin }, [{ address, secure: false }])
  return said
}

test('where the proxy listens, whom it passes on to, and where the operator is', () => {
  const said = lines({ workers: '3' }, { kind: 'tcp', host: '127.0.0.1', port: 9901 })
  assert.equal(said.length, 1)
  const [level, fields, message] = said[0]!
  assert.deepEqual([level, message], ['info', 'listening'])
  const { slots_from: from, ...facts } = fields as Record<string, unknown>
  assert.equal(typeof from, 'string')
  assert.deepEqual(facts, {
    address: '127.0.0.1:8080',
    tls: false,
    upstreams: [':8000'],
    slots: 3,
    admin: '127.0.0.1:9901',
  })
})

test('a setting that will hurt is said after that, with what to do about it', () => {
  const said = lines({ 'worker-timeout': '120s', 'drain-timeout': '3m', edge: 'cloudflare' }, null)
  assert.deepEqual(
    said.map(([level]) => level),
    ['info', 'warn'],
  )
  assert.deepEqual(Object.keys(said[1]![1] as object), ['evidence', 'remedy'])
})
