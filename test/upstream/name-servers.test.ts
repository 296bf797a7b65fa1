import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NameServers } from '../../src/upstream/name-servers.ts'
import { startNameServer } from '../support/name-server.ts'

const app = { name: 'app', address: { kind: 'tcp', host: 'app.test', port: 8000 } } as const

test('a name’s addresses and their time to live come from the name server that is given', async t => {
  const server = await startNameServer(t)
  server.names.set('app.test', { addresses: ['192.0.2.2', '192.0.2.1'], ttl: 30 })
  const found = await new NameServers([server.address]).lookUp(app)
  assert.deepEqual(found, {
    places: [
      { name: 'app (192.0.2.1)', endpoint: { host: '192.0.2.1', port: 8000 } },
      { name: 'app (192.0.2.2)', endpoint: { host: '192.0.2.2', port: 8000 } },
    ],
    goodForMs: 30_000,
  })
  assert.deepEqual(server.asked, ['A app.test'])
})

test('valid= takes the place of the time to live, and neither is less than a second', async t => {
  const server = await startNameServer(t)
  server.names.set('app.test', { addresses: ['192.0.2.1'], ttl: 0 })
  const goodFor = async (...words: string[]) => {
    const found = await new NameServers([server.address, ...words]).lookUp(app)
    return typeof found === 'string' ? found : found.goodForMs
  }
  assert.equal(await goodFor(), 1_000)
  assert.equal(await goodFor('valid=5m'), 300_000)
})

test('IPv6 is asked for where there is no IPv4, and either can be left out', async t => {
  const server = await startNameServer(t)
  server.names.set('app.test', { addresses: ['2001:db8::1'], ttl: 30 })
  const where = async (...words: string[]) => {
    const found = await new NameServers([server.address, ...words]).lookUp(app)
    return typeof found === 'string' ? found : found.places.map(({ endpoint }) => endpoint)
  }
  assert.deepEqual(await where(), [{ host: '2001:db8::1', port: 8000 }])
  assert.deepEqual(await where('ipv4=off'), [{ host: '2001:db8::1', port: 8000 }])
  assert.match(String(await where('ipv6=off')), /^ENODATA|^ENOTFOUND/)
})

test('a name that is not known, and a server that nobody answers at, settle with the error’s code', async t => {
  const server = await startNameServer(t)
  assert.equal(await new NameServers([server.address, 'ipv6=off']).lookUp(app), 'ENOTFOUND')
  assert.match(String(await new NameServers(['127.0.0.1:1']).lookUp(app)), /^ECONNREFUSED|^ETIMEOUT/)
})

test('a name server may itself be named', async t => {
  const server = await startNameServer(t)
  server.names.set('app.test', { addresses: ['192.0.2.1'], ttl: 30 })
  const found = await new NameServers([server.address.replace('127.0.0.1', 'localhost')]).lookUp(app)
  assert.equal(typeof found, 'object')
  assert.match(String(await new NameServers(['no-such-host.invalid']).lookUp(app)), /ENOTFOUND|EAI_AGAIN/)
})

test('a name for which only another one is told is asked for by that', async t => {
  const server = await startNameServer(t)
  server.names.set('app.test', { addresses: [], ttl: 30, alias: 'other.test' })
  server.names.set('other.test', { addresses: [], ttl: 30, alias: 'third.test' })
  server.names.set('third.test', { addresses: ['2001:db8::1'], ttl: 30 })
  const found = await new NameServers([server.address]).lookUp(app)
  assert.ok(typeof found === 'object')
  assert.deepEqual(
    found.places.map(({ endpoint }) => endpoint),
    [{ host: '2001:db8::1', port: 8000 }],
  )
  server.names.set('third.test', { addresses: [], ttl: 30, alias: 'app.test' })
  assert.equal(await new NameServers([server.address]).lookUp(app), 'ELOOP')
})

test('a name may take as long as is said, and no longer', async t => {
  const server = await startNameServer(t)
  server.names.set('app.test', { addresses: [], ttl: 30, silent: true })
  const lookUp = (timeout: string) => new NameServers([server.address, `timeout=${timeout}`]).lookUp(app)
  assert.equal(await lookUp('50ms'), 'ETIMEOUT')
  const first = await Promise.race([lookUp('30d'), lookUp('50ms').then(() => 'the other')])
  assert.equal(first, 'the other', 'that is longer than any timer')
})

test('a name server that was quick is asked on when it is slow, as long as the name may take', async t => {
  const server = await startNameServer(t)
  const names = new NameServers([server.address])
  const find = (host: string) => names.lookUp({ name: host, address: { kind: 'tcp', host, port: 80 } })
  for (const host of ['a.test', 'b.test', 'c.test', 'd.test']) {
    server.names.set(host, { addresses: ['192.0.2.1'], ttl: 30 })
    assert.equal(typeof (await find(host)), 'object')
  }
  server.names.set('app.test', {
    addresses: ['192.0.2.1'],
    ttl: 30,
    get silent() {
      return server.asked.filter(asked => asked === 'A app.test').length <= 3
    },
  })
  assert.equal(typeof (await find('app.test')), 'object')
})

test('localhost is asked for like any other name, and is where it always is when it is not known', async t => {
  const server = await startNameServer(t)
  const local = { name: 'local', address: { kind: 'tcp', host: 'localhost', port: 8000 } } as const
  const where = async () => {
    const found = await new NameServers([server.address]).lookUp(local)
    return typeof found === 'string' ? found : found.places.map(({ endpoint }) => endpoint)
  }
  assert.deepEqual(await where(), [{ host: '127.0.0.1', port: 8000 }])
  server.names.set('localhost', { addresses: ['127.0.0.2'], ttl: 30 })
  assert.deepEqual(await where(), [{ host: '127.0.0.2', port: 8000 }])
})

const web = { name: 'web', address: { kind: 'tcp', host: 'app.test', port: 80 }, service: 'http' } as const

test('servers of a service are where their records say, those that come first at the head', async t => {
  const server = await startNameServer(t)
  server.names.set('_http._tcp.app.test', {
    addresses: [],
    ttl: 300,
    servers: [
      { priority: 2, weight: 0, port: 8002, name: 'b.test' },
      { priority: 1, weight: 5, port: 8001, name: 'a.test' },
      { priority: 1, weight: 5, port: 8001, name: 'a.test' },
      { priority: 1, weight: 5, port: 8001, name: 'unknown.test' },
    ],
  })
  server.names.set('a.test', { addresses: ['192.0.2.2', '192.0.2.1'], ttl: 60 })
  server.names.set('b.test', { addresses: ['2001:db8::1'], ttl: 30 })
  const found = await new NameServers([server.address]).lookUp(web)
  assert.ok(typeof found === 'object', String(found))
  const first = { server: 'a.test', weight: 5, first: true }
  assert.deepEqual(found.places, [
    { name: 'web (192.0.2.1:8001)', endpoint: { host: '192.0.2.1', port: 8001 }, told: first },
    { name: 'web (192.0.2.2:8001)', endpoint: { host: '192.0.2.2', port: 8001 }, told: first },
    { name: 'web (192.0.2.1:8001) #2', endpoint: { host: '192.0.2.1', port: 8001 }, told: first },
    { name: 'web (192.0.2.2:8001) #2', endpoint: { host: '192.0.2.2', port: 8001 }, told: first },
    {
      name: 'web ([2001:db8::1]:8002)',
      endpoint: { host: '2001:db8::1', port: 8002 },
      told: { server: 'b.test', weight: 1, first: false },
    },
  ])
  assert.equal(found.goodForMs, 30_000)
})

test('a service may be written out, and be another one’s alias', async t => {
  const server = await startNameServer(t)
  server.names.set('_app._sctp.app.test', { addresses: [], ttl: 30, alias: 'other.test' })
  const servers = [{ priority: 1, weight: 1, port: 9000, name: 'a.test' }]
  server.names.set('other.test', { addresses: [], ttl: 30, servers })
  server.names.set('a.test', { addresses: ['192.0.2.1'], ttl: 30 })
  const found = await new NameServers([server.address]).lookUp({ ...web, service: '_app._sctp' })
  assert.deepEqual(typeof found === 'object' && found.places.map(({ endpoint }) => endpoint), [
    { host: '192.0.2.1', port: 9000 },
  ])
})

test('a service that is not known, has no servers, or one that cannot be asked for, settles with the code', async t => {
  const server = await startNameServer(t)
  const lookUp = () => new NameServers([server.address]).lookUp(web)
  assert.equal(await lookUp(), 'ENOTFOUND')
  const known = (...names: string[]) => {
    const servers = names.map(name => ({ priority: 1, weight: 1, port: 1, name }))
    server.names.set('_http._tcp.app.test', { addresses: [], ttl: 30, servers })
  }
  known()
  assert.equal(await lookUp(), 'ENODATA')
  known('unknown.test')
  assert.equal(await lookUp(), 'ENODATA')
  // It may have more than the one that is told.
  known('a.test', 'failing.test')
  server.names.set('a.test', { addresses: ['192.0.2.1'], ttl: 30 })
  server.names.set('failing.test', { addresses: [], ttl: 30, fails: true })
  assert.equal(await lookUp(), 'ESERVFAIL')
})
