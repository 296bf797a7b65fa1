import assert from 'node:assert/strict'
import { test } from 'node:test'
import { obey } from '../../src/admin/orders.ts'

function rig(waited: number | null = 3) {
  const heard: unknown[] = []
  return {
    heard,
    orders: {
      pause: (ms: number, message: string | null) => heard.push([ms, message]) > 0,
      resume: () => waited,
    },
  }
}

for (const [query, expected] of [
  ['', [30_000, null]],
  ['for=2m', [120_000, null]],
  ['for=5s&message=Back%20in%20a%20minute', [5_000, 'Back in a minute']],
  ['message=a%0d%0ab%00', [30_000, 'a b']],
] as const) {
  test(`pause?${query}`, () => {
    const { heard, orders } = rig()
    assert.equal(obey('/pause', query, orders)?.status, 200)
    assert.deepEqual(heard, [expected])
  })
}

for (const query of ['for=soon', 'for=2h', 'for=0', 'until=5s', `message=${'x'.repeat(301)}`]) {
  test(`pause?${query.slice(0, 20)} is refused, with what is allowed`, () => {
    const { heard, orders } = rig()
    const reply = obey('/pause', query, orders)
    assert.equal(reply?.status, 400)
    assert.match(reply?.body ?? '', /must|there are for and message/)
    assert.deepEqual(heard, [])
  })
}

test('resume tells how many had waited', () => {
  assert.equal(obey('/resume', '', rig(1).orders)?.body, 'resumed; 1 request had waited\n')
  assert.equal(obey('/resume', '', rig(null).orders)?.body, 'nothing was paused\n')
})

test('any other path is no order', () => {
  assert.equal(obey('/stop', '', rig().orders), null)
})

test('while the proxy stops nothing is paused', () => {
  const reply = obey('/pause', 'for=1s', { pause: () => false })
  assert.equal(reply?.status, 409)
  assert.match(reply?.body ?? '', /the proxy is stopping/)
})
