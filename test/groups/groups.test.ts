import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Clock, now } from '../../src/clock.ts'
import type { Config } from '../../src/config/config.ts'
import type { GroupShield } from '../../src/config/nginx/group-config.ts'
import { NOTHING_SAID } from '../../src/config/nginx/modules/shield.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { appOf } from '../../src/config/site-overrides.ts'
import { Failure } from '../../src/errors.ts'
import { Exchange } from '../../src/exchange.ts'
import type { Group } from '../../src/groups/group.ts'
import { Groups } from '../../src/groups/groups.ts'
import { Observer } from '../../src/observe/observer.ts'
import { siteOf } from '../config/nginx/reading.ts'
import { startNameServer } from '../support/name-server.ts'

function config(): Config {
  const resolved = resolveConfig({ flags: { upstream: ['127.0.0.1:8000', '127.0.0.1:8001'] }, env: {} })
  assert.ok('config' in resolved)
  return resolved.config
}

function groupsOf(t: TestContext, text: string | null): Groups {
  const settings: Config = { ...config(), site: text === null ? null : siteOf(t, text) }
  const observer = new Observer({ ...settings, logLevel: 'silent', version: '0' })
  const groups = new Groups({
    config: settings,
    clock: new Clock(),
    observer,
    draining: false,
    site: settings.site,
  })
  t.after(async () => {
    groups.stop()
    await observer.close()
  })
  return groups
}

const target = (
  host: string,
  resolver: readonly string[] = [],
  secure = false,
  shield: GroupShield | null = null,
) => ({
  host,
  secure,
  family: 'http' as const,
  resolver,
  shield,
})

function groupAt(groups: Groups, host: string, at = now()): Group {
  const group = groups.computed(target(host), at)
  assert.ok(!(group instanceof Failure), String(group))
  return group
}

test('flags make one group, in which the least busy comes first', async t => {
  const groups = groupsOf(t, null)
  await groups.start()
  assert.equal(groups.all.length, 1)
  assert.equal(groups.first.hasChoice, false)
  assert.deepEqual(
    groups.first.admission.pools.map(({ backend }) => backend.name),
    ['127.0.0.1:8000', '127.0.0.1:8001'],
  )
})

for (const { words, asked } of [
  { words: '', asked: false },
  { words: 'shield_hold 0;', asked: true },
]) {
  test(`of an app that has just refused ${words || 'and is waited for'} another request ${asked ? 'asks at once' : 'does not ask yet'}`, async t => {
    const text = `server { ${words} location / { proxy_pass http://127.0.0.1:8000; } }`
    const groups = groupsOf(t, text)
    await groups.start()
    const [app] = groups.of('127.0.0.1:8000').fleet.all
    app!.refused('ECONNREFUSED')
    assert.equal(app!.admits(now()), asked)
  })
}

test('with shield_hold 0 nobody is sent away for what another request found, while that is still on its way', async t => {
  const text = `server { shield_hold 0; shield_workers 1; location / { proxy_pass http://127.0.0.1:8000; } }`
  const groups = groupsOf(t, text)
  await groups.start()
  const { admission, fleet, outlook } = groups.of('127.0.0.1:8000') as Group
  const [app] = fleet.all
  app!.refused('ECONNREFUSED')
  assert.deepEqual([outlook, fleet.outlook], ['open', 'refusing'])
  const enter = () => admission.enter(new Exchange('peer', now()), false, true)
  const asks = enter()
  assert.ok('release' in asks)
  const waits = enter()
  assert.ok(waits instanceof Promise)
  app!.connected()
  asks.release()
  assert.ok('release' in (await waits))
})

test('a file’s groups have what it says of them, and the flags’ word for the rest', t => {
  const groups = groupsOf(
    t,
    `upstream app {
      server 127.0.0.1:1; server 127.0.0.1:2 max_conns=3 backup; server 127.0.0.1:1;
      shield_workers 4; shield_queue_size 5; shield_worker_timeout 0;
    }
    server { location / { proxy_pass http://app; } location /ws { proxy_pass http://127.0.0.1:3; } }`,
  )
  void groups.start()
  const [app, ws] = groups.configured as [Group, Group]
  assert.equal(groups.of('app'), app)
  assert.equal(groups.of('127.0.0.1:3'), ws)
  assert.throws(() => groups.of('nobody'))
  assert.deepEqual(
    app.admission.pools.map(({ backend, limit }) => [backend.name, limit]),
    [
      ['app/127.0.0.1:1', 4],
      ['app/127.0.0.1:2', 3],
      ['app/127.0.0.1:1 #2', 4],
    ],
  )
  assert.deepEqual(
    [app.admission.limit, app.workerTimeout, app.left(null), app.hasChoice],
    [5, null, 3, true],
  )
  assert.equal(app.left(['app/127.0.0.1:1', 'app/127.0.0.1:2']), 1)
  app.admission.pools[2]!.backend.refused('ECONNREFUSED')
  assert.equal(app.left(['app/127.0.0.1:1', 'app/127.0.0.1:2']), 0)
  assert.deepEqual([ws.admission.limit, ws.left(null), ws.hasChoice], [1024, 1, false])
})

test('where nobody waits for it, an address that refuses is left for a request only if the file never leaves it out', t => {
  const servers = 'server 127.0.0.1:1; server 127.0.0.1:2 max_fails=0;'
  const groups = groupsOf(
    t,
    `upstream held { ${servers} } upstream asked { ${servers} shield_hold 0; }
     server { location / { proxy_pass http://held; } location /x { proxy_pass http://asked; } }`,
  )
  void groups.start()
  for (const { fleet } of groups.all) for (const upstream of fleet.all) upstream.refused('ECONNREFUSED')
  assert.deepEqual([groups.of('held').left(null), groups.of('asked').left(null)], [0, 1])
  assert.equal(groups.of('asked').left(['asked/127.0.0.1:2']), 0)
})

test('an address that a request works out is the file’s own group where it is one of its', t => {
  const groups = groupsOf(
    t,
    'upstream app { server 127.0.0.1:1; } server { location / { proxy_pass http://127.0.0.1:3; } }',
  )
  assert.equal(groups.computed(target('APP')), groups.configured[0])
  assert.equal(groups.computed(target('127.0.0.1:3')), groups.configured[1])
  assert.equal(groups.all.length, 2)
})

test('any other has a group of its own, once for each scheme', t => {
  const groups = groupsOf(t, 'server { listen 80; }')
  const group = groupAt(groups, '127.0.0.1:9')
  assert.equal(groupAt(groups, '127.0.0.1:9'), group)
  assert.deepEqual(group.config.servers[0]!.address, { kind: 'tcp', host: '127.0.0.1', port: 9 })
  const [plain, secure] = [false, true].map(each => groups.computed(target('127.0.0.1', [], each)))
  assert.notEqual(plain, secure)
  assert.ok(!(secure instanceof Failure))
  assert.deepEqual(secure!.config.servers[0]!.address, { kind: 'tcp', host: '127.0.0.1', port: 443 })
  assert.equal(group.admission.pools[0]!.backend.label, 'computed')
})

test('what is no address, and a name that nobody is to be asked for, is a failure with nginx’s reason', t => {
  const groups = groupsOf(t, 'server { listen 80; }')
  const reasons = {
    'app:x': 'invalid port in upstream "app:x"',
    '': 'no host in upstream ""',
    app: 'no resolver defined to resolve app',
  }
  for (const [host, detail] of Object.entries(reasons)) {
    const failure = groups.computed(target(host))
    assert.ok(failure instanceof Failure)
    assert.deepEqual([failure.code, failure.detail, failure.kind.status], ['upstream_unknown', detail, 502])
  }
})

test('a name that other name servers are asked for is another group; an address is the same whoever is asked', t => {
  const groups = groupsOf(t, 'server { listen 80; }')
  const of = (host: string, ...resolver: string[]) => groups.computed(target(host, resolver))
  const first = of('app.test', '127.0.0.1:1')
  assert.equal(of('APP.test', '127.0.0.1:1'), first)
  assert.notEqual(of('app.test', '127.0.0.1:1', 'ipv4=off'), first)
  assert.ok(of('app.test') instanceof Failure, 'nobody is asked')
  for (const address of ['127.0.0.1:9', '[::1]:9', 'unix:/none'])
    assert.equal(of(address, '127.0.0.1:1'), of(address), address)
})

test('what a place says of workers holds for whom its requests work out, too', t => {
  const groups = groupsOf(t, 'server { listen 80; }')
  const of = (shield: GroupShield | null) => {
    const group = groups.computed(target('127.0.0.1:9', [], false, shield))
    assert.ok(!(group instanceof Failure), String(group))
    return group
  }
  const said = of({ ...NOTHING_SAID, hold: 0, workers: 3 })
  assert.deepEqual([said.hold, said.terms.workers], [0, 3])
  assert.equal(of({ ...NOTHING_SAID, hold: 0, workers: 3 }), said)
  assert.notEqual(of(null), said)
})

test('a name that its name servers do not know is not waited for', async t => {
  const groups = groupsOf(t, 'server { listen 80; }')
  // Nobody listens there, which the kernel says at once.
  const group = groups.computed(target('app.test', ['127.0.0.1:1']))
  assert.ok(!(group instanceof Failure))
  const waits = group.admission.enter(new Exchange('peer', now()), false, true)
  assert.ok(waits instanceof Promise)
  const failure = await waits
  assert.ok(failure instanceof Failure)
  assert.equal(failure.code, 'upstream_down')
})

test('they are bounded in number: the one used longest ago makes room, and one in use does not', t => {
  const groups = groupsOf(t, 'server { listen 80; }')
  const gone: string[] = []
  groups.onChange = (group, there) => void (there || gone.push(group.name))
  const first = groupAt(groups, '127.0.0.1:1', 1)
  const slot = first.admission.enter(new Exchange('peer', now()), false, true)
  for (let port = 2; port <= 257; port++) groupAt(groups, `127.0.0.1:${port}`, port)
  assert.deepEqual(gone, ['127.0.0.1:2'])
  assert.ok('release' in slot)
  assert.equal(groups.all.length, 1 + 256)
})

test('one that nobody has asked for in a while is forgotten', t => {
  const groups = groupsOf(t, 'server { listen 80; }')
  groupAt(groups, '127.0.0.1:1', 0)
  groupAt(groups, '127.0.0.1:2', 500_000)
  groups.tick(700_000)
  assert.deepEqual(
    groups.all.map(({ name }) => name),
    ['', '127.0.0.1:2'],
  )
})

test('a pause holds all of them, and those that come to be during it', t => {
  const groups = groupsOf(t, 'upstream a { server 127.0.0.1:1; } upstream b { server 127.0.0.1:2; }')
  groups.pause('soon')
  const computed = groupAt(groups, '127.0.0.1:9')
  assert.deepEqual(
    groups.all.map(({ admission }) => admission.paused),
    [true, true, true],
  )
  groups.resume()
  assert.equal(computed.admission.paused, false)
})

test('there is hope while one group has it', async t => {
  const groups = groupsOf(t, 'upstream a { server 127.0.0.1:1; } upstream b { server 127.0.0.1:2; }')
  for (const { fleet } of groups.configured) void fleet.start()
  const [a, b] = groups.configured.map(({ admission }) => admission.pools[0]!.backend)
  a!.refused('ECONNREFUSED')
  groups.update()
  assert.deepEqual([groups.outlook, groups.downFor()], ['open', 0])
  b!.refused('ECONNREFUSED')
  groups.update()
  assert.equal(groups.outlook, 'held')
})

test('a file that is read anew keeps the groups that it says the same of, and lets the others end', async t => {
  const same = 'upstream kept { server 127.0.0.1:1; }'
  const groups = groupsOf(
    t,
    `${same} upstream changed { server 127.0.0.1:2; } upstream gone { server 127.0.0.1:3; }`,
  )
  await groups.start()
  const [kept, changed, gone] = groups.configured as [Group, Group, Group]
  const told: [string, boolean][] = []
  groups.onChange = (group, there) => told.push([group.config.servers[0]!.name, there])
  const slot = gone.admission.pools[0]!.take('request', now())

  const site = siteOf(
    t,
    `\n\n${same} upstream changed { server 127.0.0.1:4; } upstream added { server 127.0.0.1:5; }`,
  )
  groups.reload({ ...config(), site })
  assert.equal(groups.of('kept'), kept, 'whatever line it stands in')
  assert.notEqual(groups.of('changed'), changed)
  assert.equal(groups.of('gone'), gone, 'for requests that are on their way to it')
  assert.deepEqual(told, [
    ['127.0.0.1:4', true],
    ['127.0.0.1:5', true],
  ])

  groups.tick(now() + 600_000)
  assert.deepEqual(told.slice(2), [['127.0.0.1:2', false]], 'not while a request is with its worker')
  slot.release()
  groups.tick(now() + 1_200_000)
  assert.deepEqual(told.slice(3), [['127.0.0.1:3', false]])
  assert.throws(() => groups.of('gone'))
})

test('what has no workers says nothing of how the app is, and is not where a command listens', async t => {
  const text = `upstream store { server 127.0.0.1:1; }
    upstream app { server 127.0.0.1:2; }
    server { set $memcached_key a; location / { memcached_pass store; } location /b { proxy_pass http://app; } }`
  const groups = groupsOf(t, text)
  await groups.start()
  assert.equal(groups.first.name, 'app')
  assert.deepEqual(
    appOf(siteOf(t, text)).map(({ name }) => name),
    ['127.0.0.1:2'],
  )
  const [store, app] = groups.configured as [Group, Group]
  const { terms, hold, admission } = store
  assert.deepEqual([hold, admission.pools[0]!.limit, terms.workersFrom], [0, 256, 'memcached_pass'])
  for (const upstream of app.fleet.all) upstream.refused('nobody listens')
  groups.update()
  assert.notEqual(groups.outlook, 'open')
})

test('a name leads where it did before the file was read anew, as long as its name servers do not tell', async t => {
  const server = await startNameServer(t)
  server.names.set('app.test', { addresses: ['127.0.0.9', '127.0.0.8'], ttl: 30 })
  const text = (port: number, resolver = server.address) =>
    `resolver ${resolver}; upstream app { server app.test:${port} resolve; }`
  const groups = groupsOf(t, text(1))
  await groups.start()
  server.names.set('app.test', { addresses: [], ttl: 30, fails: true })
  const after = async (file: string) => {
    groups.reload({ ...config(), site: siteOf(t, file) })
    const group = groups.of('app')
    await group.fleet.start()
    return group.fleet.all.map(({ where }) => where)
  }
  assert.deepEqual(await after(text(2)), ['127.0.0.8:2', '127.0.0.9:2'])
  server.names.set('app.test', { addresses: [], ttl: 30, silent: true })
  groups.reload({ ...config(), site: siteOf(t, text(3)) })
  const { fleet } = groups.of('app')
  assert.deepEqual(
    fleet.all.map(({ where }) => where),
    ['127.0.0.8:3', '127.0.0.9:3'],
    'at once: one that is silent may be waited for for long',
  )
  const other = await startNameServer(t)
  assert.deepEqual(await after(text(2, other.address)), ['unknown'], 'others may know it by another address')
})
