// The status as people read it: what stands where, in which order, and that nothing foreign reaches the terminal raw.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statusPage } from '../../../src/cli/commands/status.ts'
import type { RequestView, StatusView } from '../../../src/cli/commands/status-view.ts'
import { bytes, duration, headLines, requestLines } from '../../../src/cli/commands/table.ts'
import { screen } from '../../../src/cli/commands/top.ts'

const requests: RequestView[] = [
  { url: '/old', method: 'GET', age_ms: 9_000, worker_ms: 100, slot: 2, bytes_out: 10, phase: 'waiting' },
  {
    url: '/big',
    method: 'GET',
    age_ms: 2_000,
    worker_ms: 1_900,
    slot: 0,
    bytes_out: 5_000,
    phase: 'responding',
  },
  {
    url: '/queued',
    method: 'POST',
    age_ms: 4_000,
    slot: null,
    bytes_in: 99,
    phase: 'queued',
    client_present: false,
  },
]
const view: StatusView = {
  version: '1.2.3',
  uptime_s: 90,
  ready: true,
  upstreams: [{ name: ':8000', state: 'up', slots: 4, slots_from: '--workers', busy: 2 }],
  queue: { length: 1, limit: 1024, oldest_ms: 4_000, order: 'newest_first' },
  inflight_total: 3,
  inflight: requests,
  incidents: [
    { time: '2026-01-02T03:04:05.678Z', cause: 'timeout', method: 'GET', url: '/hang', age_ms: 30_100 },
  ],
  slowest: [{ route: 'GET /hang', count: 3, p50_ms: 1_200, p95_ms: 30_000, max_ms: 30_100 }],
}
const urls = (lines: string[]) => lines.slice(1).map(line => /\/\w+/.exec(line)?.[0])

for (const [by, ascending, expected] of [
  ['age', false, ['/old', '/queued', '/big']],
  ['age', true, ['/big', '/queued', '/old']],
  ['slot', true, ['/big', '/old', '/queued']],
  ['bytes', false, ['/big', '/queued', '/old']],
  ['url', true, ['/big', '/old', '/queued']],
] as const) {
  test(`requests sorted by ${by}, ${ascending ? 'the least' : 'the most'} first`, () => {
    assert.deepEqual(urls(requestLines(requests, { by, ascending }, 140)), expected)
  })
}

test('the table fits the terminal, and keeps the URL when columns have to go', () => {
  for (const width of [60, 80, 100, 200]) {
    const lines = requestLines(requests, { by: 'age', ascending: false }, width)
    for (const line of lines) assert.ok(line.length <= width, `${line.length} columns of ${width}: ${line}`)
    assert.match(lines[1] ?? '', /\/old/)
  }
})

test('a client that has left is told, and a request without a worker has no slot', () => {
  const [, line = ''] = requestLines(requests.slice(2), { by: 'age', ascending: false }, 140)
  assert.match(line, /^ +· .*queued.*POST.*\/queued.*gone/)
})

test('what comes from clients can neither move the cursor nor end a line', () => {
  const evil = { ...requests[0], url: '/\x1b[2J\r\n\u202e', client: '\x9b31m', ray: '\x07' }
  const hostile: StatusView = { ...view, reason: '\x1b]0;x\x07', ready: false, inflight: [evil] }
  for (const text of [
    statusPage(hostile, 140).join('\n'),
    headLines(hostile).join('\n'),
    // Without the sequences that are ours.
    screen(hostile, { by: 'age', ascending: false }, '', 140, 40).replaceAll(
      /\x1b\[(?:H|K|J|7m|0m)|\r\n/g,
      '',
    ),
  ]) {
    assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
  }
})

test('the page for people has the queue, lost workers and slow routes', () => {
  const page = statusPage(view, 140).join('\n')
  assert.match(page, /^shieldproxy 1\.2\.3, up 1m30s, ready$/m)
  assert.match(page, /^:8000: up, 2 of 4 workers busy \(--workers\)$/m)
  assert.match(page, /^queue 1 of 1024, the first waits 4\.00s, newest first;/m)
  assert.match(page, /timeout +GET \/hang, 30\.1s/)
  assert.match(page, /GET \/hang +3 +1\.20s +30\.0s +30\.1s/)
})

test('an answer of another version, with parts missing, is still shown', () => {
  const bare: StatusView = { upstreams: [{}], inflight: [{}], incidents: [{}], slowest: [{}] }
  assert.ok(statusPage(bare, 80).length > 3)
})

test('a screen is never taller or wider than the terminal', () => {
  const many: StatusView = {
    ...view,
    inflight: Array.from({ length: 100 }, (_, slot) => ({ ...requests[0]!, slot })),
  }
  const lines = screen(many, { by: 'age', ascending: false }, '', 80, 24).split('\r\n')
  assert.equal(lines.length, 24)
  for (const line of lines) assert.ok(line.replaceAll(/\x1b\[\w+/g, '').length <= 80, line)
})

for (const [ms, text] of [
  [0, '0ms'],
  [999, '999ms'],
  [1_234, '1.23s'],
  [59_900, '59.9s'],
  [61_000, '1m01s'],
  [3_660_000, '1h01m'],
  [5 * 86_400_000, '5d'],
  [Number.NaN, '?'],
] as const) {
  test(`${ms} ms is ${text}`, () => assert.equal(duration(ms), text))
}

for (const [count, text] of [
  [0, '0'],
  [1_023, '1023'],
  [1_024, '1.0k'],
  [1_048_576 * 34, '34m'],
  [-1, '?'],
] as const) {
  test(`${count} bytes are ${text}`, () => assert.equal(bytes(count), text))
}
