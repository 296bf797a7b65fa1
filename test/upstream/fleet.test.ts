import assert from 'node:assert/strict'
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { now } from '../../src/clock.ts'
import type { UpstreamConfig } from '../../src/config/config.ts'
import { Fleet, type FleetOptions } from '../../src/upstream/fleet.ts'
import { Journal } from '../support/journal.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'

const HOLD = 30_000

interface Rig {
  readonly fleet: Fleet
  readonly journal: Journal<string>
  readonly state: { draining: boolean; awaited: boolean; dispatched: number }
}

function fleetOf(t: TestContext, upstreams: UpstreamConfig[], more: Partial<FleetOptions> = {}): Rig {
  const journal = new Journal<string>('the fleet')
  const state = { draining: false, awaited: false, dispatched: 0 }
  const fleet: Fleet = new Fleet({
    upstreams,
    hold: HOLD,
    connectTimeout: 5_000,
    probeTimeout: 5_000,
    probePath: '/up',
    get draining() {
      return state.draining
    },
    events: {
      down: (upstream, detail) => {
        journal.push(`down ${upstream.name}: ${detail}`)
        fleet.update()
      },
      up: upstream => {
        journal.push(`up ${upstream.name}`)
        fleet.update()
      },
    },
    added: upstream => journal.push(`added ${upstream.name}`),
    removed: upstream => journal.push(`removed ${upstream.name}`),
    outlookChanged: () => journal.push(`outlook ${fleet.outlook}`),
    dispatch: () => state.dispatched++,
    isAwaited: () => state.awaited,
    takeSlot: () => null,
    ...more,
  })
  t.after(() => fleet.stop())
  return { fleet, journal, state }
}

function at(port: number, host = '127.0.0.1'): UpstreamConfig {
  return { name: `${host}:${port}`, address: { kind: 'tcp', host, port } }
}

async function listening(
  t: TestContext,
  port = 0,
): Promise<{ port: number; server: Server; count: () => number }> {
  let connections = 0
  const server = createServer(socket => {
    connections++
    socket.destroy()
  })
  t.after(() => void server.close())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return { port: (server.address() as { port: number }).port, server, count: () => connections }
}

test('an upstream that is there is open at the start, and not connected to', async t => {
  const { port, count } = await listening(t)
  const { fleet, journal } = fleetOf(t, [at(port)])
  await fleet.start()
  assert.deepEqual(journal.entries, [`added 127.0.0.1:${port}`])
  assert.deepEqual([fleet.outlook, fleet.downFor(), count()], ['open', 0, 0])
})

test('one that is not is seen at the start, without connecting', async t => {
  const port = await freePort()
  const { fleet, journal } = fleetOf(t, [at(port)])
  await fleet.start()
  const name = `127.0.0.1:${port}`
  assert.deepEqual(journal.entries, [
    `added ${name}`,
    `down ${name}: ECONNREFUSED ${name} (nobody listens there)`,
    'outlook held',
  ])
  assert.ok(fleet.downFor(now() + 1_000) >= 1_000)
})

test('a Unix socket that is not there yet is named by its path', async t => {
  const path = join(temporaryFolder(t), 'app.sock')
  const { fleet, journal } = fleetOf(t, [{ name: 'app', address: { kind: 'unix', path } }])
  await fleet.start()
  assert.ok(journal.entries.includes(`down app: ENOENT ${path} (nobody listens there)`), journal.tail())
})

test('when the hold has passed nobody is to wait any more; when it is back everybody is', async t => {
  const { fleet, journal } = fleetOf(t, [at(await freePort())])
  await fleet.start()
  const [upstream] = fleet.all
  fleet.update(upstream!.downSince + HOLD)
  assert.equal(fleet.outlook, 'held')
  fleet.update(upstream!.downSince + HOLD + 1)
  assert.equal(fleet.outlook, 'refusing')
  upstream!.connected()
  assert.equal(fleet.outlook, 'open')
  assert.deepEqual(journal.entries.slice(-4), [
    'outlook held',
    'outlook refusing',
    `up ${upstream!.name}`,
    'outlook open',
  ])
})

test('while draining nobody is held', async t => {
  const { fleet, state } = fleetOf(t, [at(await freePort())])
  await fleet.start()
  state.draining = true
  fleet.update()
  assert.equal(fleet.outlook, 'refusing')
})

test('one that is up is enough', async t => {
  const { port } = await listening(t)
  const { fleet } = fleetOf(t, [at(await freePort()), at(port)])
  await fleet.start()
  assert.deepEqual(
    [fleet.outlook, fleet.downFor(), fleet.all.map(({ isUp }) => isUp)],
    ['open', 0, [false, true]],
  )
  fleet.all[1]!.refused('ECONNREFUSED')
  assert.equal(fleet.outlook, 'held')
})

test('nobody waits: the kernel’s table is looked at, and no connection made', async t => {
  const port = await freePort()
  const { fleet, journal } = fleetOf(t, [at(port)])
  await fleet.start()
  const app = await listening(t, port)
  fleet.tick(now() + 1_000)
  await journal.find(entry => entry === 'outlook open', 'the upstream to be back')
  assert.equal(app.count(), 0)
})

test('while requests wait they ask themselves, at every beat', async t => {
  const port = await freePort()
  const { fleet, state } = fleetOf(t, [at(port)])
  await fleet.start()
  await listening(t, port)
  state.awaited = true
  for (let i = 1; i <= 3; i++) fleet.tick(now() + i * 1_000)
  assert.equal(state.dispatched, 3)
  assert.equal(fleet.outlook, 'held', 'only a connect tells')
})

test('one that cannot be asked stays down, gives its slot back, and is asked again', async t => {
  const { fleet, journal } = fleetOf(t, [at(1, '192.0.2.1')], {
    takeSlot: () => ({ release: () => journal.push('released') }),
    probeTerms: () => Promise.reject(new Error('the certificate is gone')),
  })
  await fleet.start()
  fleet.all[0]!.refused('ECONNREFUSED')
  for (let times = 1; times <= 2; times++) {
    fleet.tick(now() + times * 1_000)
    await new Promise(resolve => setImmediate(resolve))
  }
  assert.equal(journal.entries.filter(entry => entry === 'released').length, 2, journal.tail())
  assert.equal(fleet.outlook, 'held')
})

test('a name that is not known is down, and says so', async t => {
  const { fleet, journal } = fleetOf(t, [at(80, 'no-such-host.invalid')])
  await fleet.start()
  assert.match(
    journal.entries.join('\n'),
    /^down no-such-host\.invalid:80: (ENOTFOUND|EAI_AGAIN) no-such-host\.invalid: the name is not known$/m,
  )
  assert.deepEqual([fleet.outlook, fleet.all.length, fleet.all[0]?.endpoint], ['held', 1, null])
  assert.equal(fleet.all[0]!.admits(now() + 1e9), false)
})

test('thousands of addresses that are all others than before take no time to speak of', async t => {
  let network = 0
  const lookUp: FleetOptions['lookUp'] = async ({ name }) => {
    const places = Array.from({ length: 4_000 }, (_, i) => ({
      name: `${name} (${i})`,
      endpoint: { host: `10.${network}.${i >> 8}.${i & 255}`, port: 1 },
    }))
    return { places, goodForMs: 1_000 }
  }
  const { fleet } = fleetOf(t, [at(1, 'app.test')], { lookUp, refusesUnknown: true })
  await fleet.start()
  network = 1
  const before = process.cpuUsage()
  fleet.refresh()
  fleet.tick(now())
  await new Promise(resolve => setImmediate(resolve))
  const { user } = process.cpuUsage(before)
  assert.deepEqual([fleet.all.length, fleet.all[0]!.where], [4_000, '10.1.0.0:1'])
  assert.ok(user < 1_000_000, `${user} µs`)
})

test('a name that a request worked out, and nobody knows, is asked for again by the next request alone', async t => {
  const asked: string[] = []
  let found: string | null = 'ENOTFOUND'
  const lookUp: FleetOptions['lookUp'] = async ({ name }) => {
    asked.push(name)
    const places = [{ name, endpoint: { host: '192.0.2.1', port: 1 } }]
    return found ?? { places, goodForMs: 1_000 }
  }
  const { fleet } = fleetOf(t, [at(1, 'app.test')], { lookUp, refusesUnknown: true })
  await fleet.start()
  fleet.tick(now() + 3_600_000)
  assert.equal(asked.length, 1)
  found = null
  fleet.askAgain()
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual([asked.length, fleet.outlook], [2, 'open'])
  found = 'ESERVFAIL'
  for (const hours of [1, 2]) {
    fleet.tick(now() + hours * 3_600_000)
    await new Promise(resolve => setImmediate(resolve))
  }
  assert.equal(asked.length, 4, 'one that was known is looked after')
})

test('a name that leads elsewhere: nobody who waits is given to the address that is gone', async t => {
  const { port } = await listening(t)
  let addresses = ['127.0.0.9']
  const answer = (_host: string, _options: object, told: (error: null, found: object[]) => void) =>
    setImmediate(
      told,
      null,
      addresses.map(address => ({ address, family: 4 })),
    )
  t.mock.method(dns, 'lookup', answer as never)
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  const { fleet, journal } = fleetOf(t, [at(port, 'app.test')])
  await fleet.start()
  assert.equal(fleet.outlook, 'held')
  addresses = ['127.0.0.1']
  fleet.tick(now() + 10_000)
  await journal.until(() => fleet.outlook === 'open', 'the other address')
  const name = `app.test:${port}`
  assert.deepEqual(journal.entries.slice(3), [
    `added ${name}`,
    `removed ${name}`,
    `up ${name}`,
    'outlook open',
  ])
})

test('what is stopped says nothing more', async t => {
  const { fleet, journal } = fleetOf(t, [at(await freePort())])
  const started = fleet.start()
  fleet.stop()
  await started
  assert.deepEqual(
    journal.entries.filter(entry => !entry.startsWith('added')),
    [],
  )
})

test('a fleet of none is open: there is nothing to be down', t => {
  const { fleet } = fleetOf(t, [])
  fleet.update()
  assert.deepEqual([fleet.outlook, fleet.downFor()], ['open', 0])
})
