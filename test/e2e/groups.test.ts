// Groups of upstreams as a file describes them: who gets a request, who gets it next, and what operators see of it. The
// servers behind are places of the same file, so that each answer says where it comes from.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { value } from '../support/answer.ts'
import { startLetters as start } from '../support/letters.ts'
import { connectRaw } from '../support/raw-client.ts'

async function many(count: number, one: () => Promise<string>): Promise<string> {
  const given: string[] = []
  for (let i = 0; i < count; i++) given.push(await one())
  return given.join('')
}

for (const cores of [1, 2]) {
  test(`requests go to the servers of their group, as weights go, on ${cores} core(s)`, async t => {
    const { get } = await start(
      t,
      'upstream app { server A weight=2; server B; } upstream side { server C; server A backup; }',
      'location / { proxy_pass http://app; } location /side { proxy_pass http://side; }',
      cores,
    )
    assert.equal(await many(6, () => get('/')), 'abaaba')
    assert.equal(await many(3, () => get('/side')), 'ccc')
  })

  test(`a failure goes to the next server as proxy_next_upstream says, on ${cores} core(s)`, async t => {
    const { get } = await start(
      t,
      `upstream app { server A max_fails=0; server B max_fails=0; }
      upstream dead { server DEAD; server B; }
      proxy_next_upstream error http_500 http_503;`,
      `location / { proxy_pass http://app; }
      location /only { proxy_pass http://app/gone; proxy_next_upstream http_404; }
      location /plain { proxy_pass http://app/bad; proxy_next_upstream error; }
      location /dead { proxy_pass http://dead/; }`,
      cores,
    )
    assert.equal(await many(4, () => get('/bad')), 'bbbb')
    assert.equal(await many(4, () => get('/gone')), 'bbbb')
    assert.equal(await many(2, () => get('/worse')), '503503')
    // A request that must not be done twice is not, once it was sent.
    const posts = await many(4, () => get('/bad', 'POST'))
    assert.match(posts, /500/)
    assert.match(await many(2, () => get('/only')), /502/)
    assert.match(await many(2, () => get('/plain')), /500/)
    assert.equal(await many(4, () => get('/dead')), 'bbbb')
  })

  test(`whoever fails is left out, and the key’s own server is kept, on ${cores} core(s)`, async t => {
    const { get } = await start(
      t,
      `upstream app { server A; server B; }
      upstream keyed { hash $arg_k consistent; server A; server B; server C; }`,
      `location / { proxy_pass http://app; proxy_next_upstream http_500; }
      location /keyed { proxy_pass http://keyed; }`,
      cores,
    )
    assert.equal(await many(2, () => get('/bad')), 'bb')
    assert.equal(await many(4, () => get('/')), 'bbbb')
    const keys = Array.from({ length: 16 }, (_, i) => `key-${i}`)
    const all = () => Promise.all(keys.map(key => get(`/keyed?k=${key}`)))
    const first = await all()
    const second = await all()
    assert.deepEqual(first, second)
    assert.ok(new Set(first).size > 1)
  })

  test(`an address that a request works out has a group, on ${cores} core(s)`, async t => {
    const { get, shield } = await start(
      t,
      'upstream app { server A; } map $arg_to $to { a app; b B; n nowhere.test; default $arg_to; }',
      'location / { proxy_pass http://$to; }',
      cores,
    )
    assert.equal(await get('/?to=a'), 'a')
    assert.equal(await many(2, () => get('/?to=b')), 'bb')
    assert.equal(await get('/?to=n'), '502')
    assert.equal(await get('/?to='), '500')
    const status = await shield.status()
    assert.deepEqual(
      status.groups.map(({ name }: { name: string }) => name.replace(/\d+$/, '')),
      ['app', '127.0.0.1:'],
    )
    assert.equal(status.upstreams[0].group, 'app')
    const series = [...(await shield.metrics()).keys()]
    assert.ok(series.includes('shieldproxy_worker_busy_seconds_total{upstream="computed"}'), String(series))
    assert.ok(!series.some(name => name.includes(status.groups[1].name)))
  })
}

test('a group that nobody answers for: its requests are held, and then get nginx’s 502; the others go on', async t => {
  const { get, shield } = await start(
    t,
    'upstream app { server A; } upstream dead { server DEAD; shield_hold 300ms; }',
    'location / { proxy_pass http://app; } location /dead { proxy_pass http://dead; }',
    1,
  )
  assert.equal(await get('/dead'), '502')
  assert.equal(await get('/'), 'a')
  const status = await shield.status()
  assert.equal(status.ready, true)
  assert.deepEqual(
    status.groups.map(({ name, outlook }: Record<string, string>) => `${name} ${outlook}`),
    ['app open', 'dead refusing'],
  )
})

test('a request ends once no address is left that it was not tried at, though all are left out by then', async t => {
  const { address } = await start(
    t,
    'upstream u { server A; server B; }',
    'location / { proxy_pass http://u; proxy_next_upstream http_503; }',
    1,
  )
  const client = await connectRaw(t, address)
  const tries: number[] = []
  for (let i = 0; i < 3; i++) {
    const answer = await client.request('GET', '/worse').answer()
    assert.equal(answer.status, 503)
    tries.push(value(answer, 'x-tries')!.split(', ').length)
  }
  assert.deepEqual(tries, [2, 1, 1])
  client.close()
})

for (const [hold, off, other, once] of [
  ['0', '502', '502', '502'],
  ['2s', 'a', 'a', 'a'],
] as const) {
  test(`a refused connection with --hold ${hold}, and what proxy_next_upstream says`, async t => {
    const { address } = await start(
      t,
      `upstream u { server DEAD max_fails=0; server A backup; }`,
      `location /usual { proxy_pass http://u/; }
       location /off { proxy_pass http://u/; proxy_next_upstream off; }
       location /other { proxy_pass http://u/; proxy_next_upstream http_500; }
       location /once { proxy_pass http://u/; proxy_next_upstream_tries 1; }`,
      1,
      hold,
    )
    const client = await connectRaw(t, address)
    /** What comes of a request that met the dead one: that is asked now and then. */
    const metDead = async (target: string) => {
      const giveUp = performance.now() + 10_000
      for (;;) {
        const answer = await client.request('GET', target).answer()
        const tries = value(answer, 'x-tries')!.split(', ')
        if (tries.length > 1 || answer.status !== 200)
          return [answer.status === 200 ? answer.body.toString() : String(answer.status), tries.length]
        assert.ok(performance.now() < giveUp, 'the dead one is asked')
      }
    }
    assert.deepEqual(await metDead('/usual'), ['a', 2])
    assert.deepEqual(await metDead('/off'), [off, off === 'a' ? 2 : 1])
    assert.deepEqual(await metDead('/other'), [other, other === 'a' ? 2 : 1])
    assert.deepEqual(await metDead('/once'), [once, once === 'a' ? 2 : 1])
    client.close()
  })
}

test('where nobody is left, the group is told in place of an address', async t => {
  const { address } = await start(
    t,
    'upstream none { server A down; server B down; } upstream one { server DEAD; } proxy_intercept_errors on;',
    `location /none { proxy_pass http://none; } location /one { proxy_pass http://one; }
    location /then { proxy_pass http://none; error_page 502 /again; } location /again { proxy_pass http://none; }`,
    1,
    '0',
  )
  const client = await connectRaw(t, address)
  const tries = async (target: string) => value(await client.request('GET', target).answer(), 'x-tries')
  assert.equal(await tries('/none'), 'none')
  assert.match((await tries('/one'))!, /^127\.0\.0\.1:\d+$/)
  assert.equal(await tries('/then'), 'none : none')
  client.close()
})
