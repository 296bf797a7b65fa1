import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statusOf } from '../../src/observe/status.ts'

test('the names that interface tools read are there, and empty rather than absent', () => {
  const status = statusOf({
    version: '1.2.3',
    uptimeMs: 61_400,
    sources: null,
    readiness: { ready: true, reason: '' },
    inflightTotal: 0,
    inflight: [],
    incidents: [],
    slowest: [],
    workerTimeout: 30_000,
  })
  assert.deepEqual(status, {
    version: '1.2.3',
    uptime_s: 61,
    ready: true,
    reason: '',
    worker_timeout_ms: 30_000,
    upstreams: [],
    queue: { length: 0, limit: 0, oldest_ms: 0, order: 'fifo', patience_ms: null, pause_ends_in_ms: null },
    spools: { open: 0, memory: 0, memory_limit: 0, disk: 0, disk_limit: 0 },
    connections: { idle: 0, active: 0, limit: 0 },
    inflight_total: 0,
    inflight: [],
    incidents: [],
    slowest: [],
  })
})
