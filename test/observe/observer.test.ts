import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { now } from '../../src/clock.ts'
import { LINES } from '../../src/observe/fields.ts'
import { Observer, type ObserverOptions, type Sources } from '../../src/observe/observer.ts'
import { finished, Gathered, running } from './exchanges.ts'

const up = '127.0.0.1:8000'

const sources: Sources = {
  upstreams: () => [
    {
      name: up,
      address: up,
      state: 'up',
      downSince: null,
      slots: 4,
      busy: 1,
      lanes: ['a1', null, null, null],
      slotsFrom: '--workers',
    },
    {
      name: 'b:1',
      address: '10.0.0.1:1',
      state: 'down',
      downSince: now() - 5000,
      slots: null,
      busy: 2,
      lanes: ['x', 'y'],
      slotsFrom: 'auto',
    },
  ],
  queue: () => ({
    length: 3,
    limit: 1024,
    oldestMs: 12.4,
    order: 'fifo',
    patienceMs: null,
    pausedUntil: null,
  }),
  spools: () => ({ memory: 100, disk: 200, memoryLimit: 1000, diskLimit: 2000, open: 2 }),
  connections: () => ({ idle: 7, active: 5, limit: 100 }),
  ready: () => ({ ready: false, reason: 'draining' }),
}

function open(t: TestContext, options: Partial<ObserverOptions> = {}): { observer: Observer; out: Gathered } {
  const out = new Gathered()
  const observer = new Observer({
    logFormat: 'json',
    logLevel: 'info',
    logQuery: false,
    accessLog: null,
    workerTimeout: 30_000,
    version: '1.2.3',
    hold: 30_000,
    destination: out,
    ...options,
  })
  t.after(() => observer.close())
  return { observer, out }
}

/** The samples of a scrape by name and labels. */
async function scrape(observer: Observer): Promise<Map<string, number>> {
  const samples = new Map<string, number>()
  for (const line of (await observer.overview.metrics()).split('\n')) {
    const at = line.lastIndexOf(' ')
    if (line !== '' && !line.startsWith('#')) samples.set(line.slice(0, at), Number(line.slice(at + 1)))
  }
  return samples
}

test('a request is in flight from its arrival to its end, and then a line, counters and a route', async t => {
  const { observer, out } = open(t)
  const x = finished({ bytesIn: 5 })
  observer.arrived(x)
  assert.deepEqual(
    observer.overview.inflight().map(row => row.id),
    ['a1b2c3'],
  )
  assert.equal(out.text, '', 'arrivals are for debug')
  observer.finished(x)
  assert.deepEqual(observer.overview.inflight(), [])
  assert.deepEqual(
    out.parsed.map(line => line.msg),
    ['request'],
  )
  const samples = await scrape(observer)
  assert.equal(samples.get('shieldproxy_requests_total{method="GET",status_class="2xx",outcome="ok"}'), 1)
  assert.equal(samples.get('shieldproxy_request_duration_seconds_count{phase="total"}'), 1)
  assert.equal(samples.get('shieldproxy_request_duration_seconds_bucket{le="0.05",phase="total"}'), 0)
  assert.equal(samples.get('shieldproxy_request_duration_seconds_bucket{le="0.1",phase="total"}'), 1)
  assert.equal(samples.get('shieldproxy_request_duration_seconds_bucket{le="+Inf",phase="total"}'), 1)
  const { slowest } = observer.overview.status() as { slowest: { route: string }[] }
  assert.deepEqual(
    slowest.map(row => row.route),
    ['GET /reports/:n'],
  )
})

test('at debug an arrival is a line, but for health checks', t => {
  const { observer, out } = open(t, { logLevel: 'debug' })
  observer.arrived(finished({ healthCheck: true }))
  observer.arrived(finished())
  assert.deepEqual(
    out.parsed.map(({ msg, level, url }) => ({ msg, level, url })),
    [{ msg: 'arrival', level: 'debug', url: '/reports/7' }],
  )
})

test('what takes long is warned of while it runs', t => {
  const { observer, out } = open(t)
  observer.arrived(running('waiting'))
  observer.tick(1_030_001)
  observer.tick(1_030_250)
  assert.deepEqual(
    out.parsed.map(({ msg, level, passed, phase }) => ({ msg, level, passed, phase })),
    [{ msg: 'still running', level: 'warn', passed: '30s', phase: 'waiting' }],
  )
})

test('down and up are one line a transition', t => {
  const { observer, out } = open(t)
  observer.upstreamUp(up, 0)
  observer.upstreamDown(up, `ECONNREFUSED ${up}`, true)
  observer.upstreamDown(up, `ECONNREFUSED ${up}`, true)
  observer.upstreamUp(up, 2340)
  observer.upstreamUp(up, 2340)
  observer.upstreamDown(up, 'ENOENT', false)
  assert.deepEqual(
    out.parsed.map(({ level, msg, detail }) => [level, msg, detail]),
    [
      ['warn', 'upstream down', `ECONNREFUSED ${up}; holding requests for up to 30s`],
      ['info', 'upstream up', 'was down for 2.3s'],
      ['warn', 'upstream down', 'ENOENT; refusing requests'],
    ],
  )
})

test('a lost worker is a line, an incident and a count, the same words in both', async t => {
  const { observer, out } = open(t)
  const lost = {
    method: 'GET',
    url: '/a',
    route: 'GET /a',
    id: 'i1',
    ray: 'r1',
    client: '203.0.113.7',
    clientPresent: true,
    upstream: up,
    slot: 0,
    ageMs: 30_010,
    bytesIn: 1,
    bytesOut: 0,
    how: 'reset',
    headSeen: false,
    detail: '',
  } as const
  observer.workerEnded(lost)
  observer.connected(up, 'ok')
  observer.tick(now() + 5000)
  observer.workerEnded({ ...lost, ageMs: 10 })
  observer.connected(up, 'refused')
  observer.tick(now() + 5000)
  assert.deepEqual(
    out.parsed.map(({ msg, level, cause }) => [msg, level, cause]),
    [
      ['worker lost', 'error', 'timeout'],
      ['worker lost', 'info', 'restart'],
    ],
  )
  const { incidents } = observer.overview.status() as { incidents: Record<string, unknown>[] }
  const { time: _a, ...incident } = incidents[1]!
  const { time: _b, level: _c, msg: _d, ...line } = out.parsed[0]!
  assert.deepEqual(incident, line)
  const samples = await scrape(observer)
  assert.equal(samples.get('shieldproxy_workers_lost_total{cause="timeout"}'), 1)
  assert.equal(samples.get('shieldproxy_workers_lost_total{cause="killed"}'), 0)
  assert.equal(samples.get(`shieldproxy_upstream_connects_total{upstream="${up}",result="refused"}`), 1)
})

test('a loss that still waits for its verdict is told at the end', async t => {
  const { observer, out } = open(t)
  const { id, ray, client, method } = finished()
  const at = {
    id,
    ray,
    client,
    method,
    url: '/',
    route: 'GET /',
    clientPresent: true,
    upstream: up,
    slot: 0,
    ageMs: 1,
    bytesIn: 0,
  }
  observer.workerEnded({ ...at, bytesOut: 0, how: 'fin', headSeen: false, detail: '' })
  await observer.close()
  assert.deepEqual(
    out.parsed.map(line => line.msg),
    ['worker lost'],
  )
})

test('gauges ask the sources, and before there are any nothing is made up', async t => {
  const { observer } = open(t)
  assert.equal((await scrape(observer)).has('shieldproxy_queue_length'), false)
  observer.overview.attach(sources)
  observer.shed('queue_full')
  observer.workerFreed(up, 1500)
  const samples = await scrape(observer)
  const expected: Record<string, number> = {
    shieldproxy_queue_length: 3,
    [`shieldproxy_worker_slots{upstream="${up}",state="busy"}`]: 1,
    [`shieldproxy_worker_slots{upstream="${up}",state="free"}`]: 3,
    'shieldproxy_worker_slots{upstream="b:1",state="busy"}': 2,
    'shieldproxy_upstream_up{upstream="b:1"}': 0,
    [`shieldproxy_worker_busy_seconds_total{upstream="${up}"}`]: 1.5,
    'shieldproxy_shed_total{reason="queue_full"}': 1,
    'shieldproxy_shed_total{reason="draining"}': 0,
    'shieldproxy_spool_bytes{place="disk"}': 200,
    'shieldproxy_client_connections{state="idle"}': 7,
    'shieldproxy_build_info{version="1.2.3"}': 1,
  }
  for (const [name, value] of Object.entries(expected)) assert.equal(samples.get(name), value, name)
  assert.equal(samples.has('shieldproxy_worker_slots{upstream="b:1",state="free"}'), false)
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes']) {
    assert.ok(samples.get(name)! > 0, name)
  }
})

test('status has its parts, also before there are sources', t => {
  const { observer } = open(t)
  const keys = Object.keys(observer.overview.status())
  assert.deepEqual(observer.overview.readiness(), { ready: false, reason: 'starting' })
  observer.overview.attach(sources)
  const status = observer.overview.status() as Record<string, unknown> & {
    upstreams: { down_ms: number | null }[]
  }
  assert.deepEqual(Object.keys(status), keys)
  assert.deepEqual(observer.overview.readiness(), { ready: false, reason: 'draining' })
  assert.deepEqual(status.queue, {
    length: 3,
    limit: 1024,
    oldest_ms: 12,
    order: 'fifo',
    patience_ms: null,
    pause_ends_in_ms: null,
  })
  assert.equal(status.upstreams[0]!.down_ms, null)
  assert.ok(status.upstreams[1]!.down_ms! >= 5000)
  assert.doesNotThrow(() => JSON.stringify(status))
})

test('after a rotation the access log goes on under its own name', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'observer-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'access.log')
  const { observer } = open(t, { accessLog: file })
  observer.finished(finished({ id: 'one' }))
  renameSync(file, `${file}.1`)
  observer.reopen()
  observer.finished(finished({ id: 'two' }))
  await observer.close()
  const ids = (text: string) => [...text.matchAll(/"id":"(\w+)"/g)].map(match => match[1])
  assert.deepEqual(ids(readFileSync(`${file}.1`, 'utf8')), ['one'])
  assert.deepEqual(ids(readFileSync(file, 'utf8')), ['two'])
})

test('every line that is not a request’s is in the list of lines, with its fields', t => {
  const { observer, out } = open(t, { logLevel: 'debug' })
  const x = running('waiting')
  observer.arrived(x)
  observer.tick(1_200_000)
  observer.upstreamDown(up, 'x', true)
  observer.upstreamUp(up, 1)
  const { id, ray, client, method } = finished()
  const at = {
    id,
    ray,
    client,
    method,
    url: '/',
    route: 'GET /',
    clientPresent: true,
    upstream: up,
    slot: 0,
    ageMs: 1,
    bytesIn: 0,
  }
  observer.workerEnded({ ...at, bytesOut: 0, how: 'protocol', headSeen: false, detail: '' })
  assert.equal(out.parsed.length, 5)
  for (const { msg, level, time: _time, ...fields } of out.parsed) {
    const line = LINES.find(each => each.msg === msg)
    assert.ok(line, `"${msg}" is listed`)
    assert.ok(line.level.includes(String(level)), `${msg}: ${level}`)
    for (const name of Object.keys(fields)) assert.ok(line.fields.includes(name), `${msg}: ${name}`)
  }
})
