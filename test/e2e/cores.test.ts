// Several threads serve as one proxy: its slots are exact and its queue one, it writes one log, counts everything once,
// and is reloaded, drained and ended as a whole.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import tls from 'node:tls'
import { Certificates } from '../support/certificates.ts'
import { type Owner, temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { ask, type RawClient } from '../support/raw-client.ts'
import { runShield, type Shield, startShield } from '../support/shield.ts'
import { startSyncWorkers } from '../support/sync-worker.ts'

const two = ['--cores', '2']

/** An upstream that answers at once, and counts how many requests it ever had at the same time. */
async function startCounter(
  owner: Owner,
): Promise<{ address: string; most: () => number; total: () => number }> {
  let busy = 0
  let most = 0
  let total = 0
  const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    most = Math.max(most, ++busy)
    total++
    let open = true
    const free = () => {
      if (open) busy--
      open = false
    }
    socket.on('error', () => {}).once('close', free)
    socket.once('data', () => {
      // A turn of work; from the moment of its FIN on the worker is free.
      setImmediate(() => {
        free()
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok')
      })
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  owner.after(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { address: `127.0.0.1:${port}`, most: () => most, total: () => total }
}

/** So many clients, each asking again as soon as it is answered, until each was answered so often. */
async function load(shield: Shield, clients: number, rounds: number): Promise<number[]> {
  const statuses: number[] = []
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const client = await shield.connect()
      for (let round = 0; round < rounds; round++) {
        statuses.push((await client.request('GET', '/work').answer()).status)
      }
      client.close()
    }),
  )
  return statuses
}

for (const slots of [1, 3]) {
  test(`never more in flight than ${slots} under load on two threads, and nobody is forgotten`, async t => {
    const counter = await startCounter(t)
    const args = [...two, '--workers', String(slots)]
    const shield = await startShield(t, { upstream: counter.address, args })
    const statuses = await load(shield, 24, 40)
    assert.deepEqual(
      statuses.filter(status => status !== 200),
      [],
    )
    assert.equal(counter.total(), 24 * 40)
    assert.ok(counter.most() <= slots, `${counter.most()} at once with ${slots} slots`)
    await shield.busy(0)
  })
}

test('connections are spread over the threads, and the queue they wait in is one', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: [...two, '--workers', '1'] })
  const holder = (await shield.connect()).request('GET', '/hold')
  const job = await workers.job('/hold')
  const waiting: RawClient[] = []
  for (let index = 1; index <= 12; index++) {
    waiting.push((await shield.connect()).request('GET', `/${index}`))
    await shield.queued(index)
  }
  const { inflight, inflight_total } = await shield.status()
  assert.equal(inflight_total, 13)
  assert.equal(inflight.length, 13)
  job.answer()
  for (const client of [holder, ...waiting]) assert.equal((await client.answer()).status, 200)
  assert.deepEqual(workers.order, ['/hold', ...waiting.map((_, index) => `/${index + 1}`)])
})

test('one log, one set of metrics, one answer to a health check', async t => {
  const counter = await startCounter(t)
  const shield = await startShield(t, { upstream: counter.address, args: [...two, '--workers', '2'] })
  const clients = 16
  for (let index = 0; index < clients; index++) {
    assert.equal((await shield.get(`/${index}`)).status, 200)
    assert.equal((await shield.get('/healthz')).status, 200)
  }
  const status = await shield.status()
  assert.equal(status.slowest.find(({ route }: { route: string }) => route === 'GET /:n').count, clients)
  assert.deepEqual(status.upstreams[0].slots, 2)
  const metrics = await shield.metrics()
  const requests = 'shieldproxy_requests_total{method="GET",status_class="2xx",outcome="ok"}'
  assert.equal(metrics.get(requests), 2 * clients)
  assert.equal(
    metrics.get(`shieldproxy_upstream_connects_total{upstream="${counter.address}",result="ok"}`),
    2 * clients,
  )
  for (let index = 0; index < clients; index++) await shield.requestLine(`/${index}`)
  assert.equal(shield.lines('request').filter(({ url }) => url === '/healthz').length, 1)
  assert.equal(shield.lines('listening').length, 1)
})

test('an upstream that goes and comes back: one line each, requests are held in both threads and served', async t => {
  const workers = await startSyncWorkers(t, { workers: 2 })
  const shield = await startShield(t, { upstream: workers.address, args: [...two, '--workers', '2'] })
  assert.equal((await shield.get('/before')).status, 200)
  await workers.close()
  const clients: RawClient[] = []
  for (let index = 0; index < 10; index++) clients.push((await shield.connect()).request('GET', `/${index}`))
  await shield.logLine(line => line.msg === 'upstream down', 'upstream down')
  await shield.until(status => status.inflight_total === 10, 'ten in flight')
  const port = Number(workers.address.split(':')[1])
  await startSyncWorkers(t, { workers: 2, listen: port })
  for (const client of clients) assert.equal((await client.answer()).status, 200)
  await shield.logLine(line => line.msg === 'upstream up', 'upstream up')
  assert.equal(shield.lines('upstream down').length, 1)
  assert.equal(shield.lines('upstream up').length, 1)
})

test('workers lost in different threads together are one restart', async t => {
  const workers = await startSyncWorkers(t, { workers: 8 })
  const shield = await startShield(t, { upstream: workers.address, args: [...two, '--workers', '8'] })
  const clients: RawClient[] = []
  for (let index = 0; index < 8; index++) {
    clients.push((await shield.connect()).request('POST', `/hold${index}`, 'Content-Length: 0'))
  }
  for (let index = 0; index < 8; index++) await workers.job(`/hold${index}`)
  await workers.close()
  for (const client of clients) assert.equal((await client.answer()).status, 502)
  const held = (await shield.connect()).request('GET', '/held')
  const { incidents } = await shield.until(status => status.incidents.length === 8, 'eight incidents')
  assert.deepEqual([...new Set(incidents.map(({ cause }: { cause: string }) => cause))], ['restart'])
  held.close()
})

test('HUP under load loses nothing', async t => {
  const counter = await startCounter(t)
  const shield = await startShield(t, { upstream: counter.address, args: [...two, '--workers', '4'] })
  const loading = load(shield, 8, 60)
  for (let index = 1; index <= 5; index++) {
    shield.signal('SIGHUP')
    await shield.log.until(() => shield.lines('reload').length === index, 'reload')
  }
  assert.deepEqual(
    (await loading).filter(status => status !== 200),
    [],
  )
})

test('TERM lets requests in all threads end, and says so once', async t => {
  const workers = await startSyncWorkers(t, { workers: 8 })
  const shield = await startShield(t, { upstream: workers.address, args: [...two, '--workers', '8'] })
  const clients: RawClient[] = []
  for (let index = 0; index < 8; index++)
    clients.push((await shield.connect()).request('GET', `/hold${index}`))
  const jobs = []
  for (let index = 0; index < 8; index++) jobs.push(await workers.job(`/hold${index}`))
  shield.signal('SIGTERM')
  const line = await shield.logLine(({ msg }) => msg === 'drain', 'drain')
  assert.equal(line.active, 8)
  for (const job of jobs) job.answer()
  for (const client of clients) assert.equal((await client.answer()).status, 200)
  assert.equal(await shield.exited, 0)
  assert.equal(shield.lines('request').length, 8)
  assert.equal(shield.lines('drain').length, 1)
})

test('what is still running at the drain timeout is cut, and the status is 1', async t => {
  const workers = await startSyncWorkers(t, { workers: 2 })
  const args = [...two, '--workers', '2', '--drain-timeout', '300ms']
  const shield = await startShield(t, { upstream: workers.address, args })
  const client = (await shield.connect()).request('GET', '/hold')
  await workers.job('/hold')
  assert.equal(await shield.stop(), 1)
  assert.equal((await client.answer()).status, 503)
  assert.equal((await shield.requestLine('/hold')).status_code, 503)
})

test('a thread that dies takes the process with it: status 1, and its lines are written', async t => {
  const counter = await startCounter(t)
  // Loaded before the program in every thread: a signal makes one of the others throw.
  const preload = `
    import { isMainThread, threadId } from 'node:worker_threads'
    const channel = new BroadcastChannel('death')
    channel.unref()
    if (isMainThread) process.on('SIGUSR2', () => channel.postMessage(''))
    else if (threadId === 1) channel.onmessage = () => { throw new Error('a bug in a thread') }`
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(preload)}` }
  const shield = await startShield(t, { upstream: counter.address, args: [...two, '--workers', '2'], env })
  for (let index = 0; index < 6; index++) assert.equal((await shield.get(`/${index}`)).status, 200)
  shield.signal('SIGUSR2')
  assert.equal(await shield.exited, 1)
  assert.ok(
    shield.log.entries.some(({ text }) => String(text).includes('a bug in a thread')),
    shield.log.tail(20),
  )
  for (let index = 0; index < 6; index++) await shield.requestLine(`/${index}`)
})

test('a port that another process has is found taken, also by one that would share it', async t => {
  const counter = await startCounter(t)
  const first = await startShield(t, { upstream: counter.address, args: two })
  const again = runShield(t, [
    '--upstream',
    counter.address,
    '--listen',
    first.address,
    '--admin',
    'off',
    ...two,
  ])
  assert.equal(await again.exited, 1)
  assert.match(
    again.log.entries.map(line => line.text).join('\n'),
    /cannot listen on 127\.0\.0\.1:\d+: it is taken/,
  )
  assert.equal((await first.get('/still')).status, 200)
})

test('a Unix listener beside a port is served', async t => {
  const counter = await startCounter(t)
  const path = join(temporaryFolder(t), 'edge.sock')
  const listen = ['127.0.0.1:0', `unix:${path}`]
  const shield = await startShield(t, { upstream: counter.address, listen, args: [...two, '--workers', '2'] })
  assert.equal((await ask(t, `unix:${path}`, '/unix')).status, 200)
  assert.equal((await shield.get('/tcp')).status, 200)
})

test('a TLS session that one thread began, another takes up: of a site, by tickets and without, and of flags', async t => {
  const certificates = new Certificates(t)
  const { cert, key } = certificates.of('a')
  const ports = [await freePort(), await freePort()] as const
  const file = join(certificates.folder, 'nginx.conf')
  const server = (port: number, more: string) =>
    `server { listen 127.0.0.1:${port} ssl; ssl_certificate ${cert}; ssl_certificate_key ${key}; ${more} return 200 x; }\n`
  const cache = 'ssl_session_tickets off; ssl_session_cache shared:a:1m;'
  writeFileSync(file, server(ports[0], '') + server(ports[1], cache))
  const site = runShield(t, [...two, '-c', file, '--admin', 'off', '--log-format', 'json'])
  for (const port of ports)
    await site.logLine(line => line.address === `127.0.0.1:${port}` && line.msg === 'listening', 'it listens')
  const counter = await startCounter(t)
  const files = ['--tls-cert', cert, '--tls-key', key]
  const flags = await startShield(t, { upstream: counter.address, args: [...two, ...files] })
  for (const port of [...ports, Number(flags.address.split(':')[1])]) {
    let session: Buffer | undefined
    const reused: boolean[] = []
    for (let round = 0; round < 12; round++) {
      const client = tls.connect({ port, rejectUnauthorized: false, ...(session && { session }) })
      client.on('session', next => {
        session = next
      })
      client.end('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      client.resume()
      await once(client, 'secureConnect')
      reused.push(client.isSessionReused())
      await once(client, 'close')
    }
    assert.deepEqual(reused, [false, ...Array.from({ length: 11 }, () => true)])
  }
})
