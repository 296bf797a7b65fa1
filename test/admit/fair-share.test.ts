import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FairShare, type Sharer, shareOf } from '../../src/admit/fair-share.ts'
import { Random } from '../support/random.ts'

function sharer(client: string, since: number): Sharer {
  return { client, since, older: null, newer: null, turn: null }
}

test('of equals the newest; of one client the newest', () => {
  const fair = new FairShare()
  const [a, b, newer] = [sharer('a', 1), sharer('b', 2), sharer('a', 3)]
  for (const one of [a, b, newer]) fair.add(one)
  const order: Sharer[] = []
  for (let one = fair.first; one !== null; one = fair.first) {
    order.push(one)
    fair.remove(one)
    fair.remove(one)
  }
  assert.deepEqual(order, [newer, b, a])
})

test('whoever was served less goes first, and what was done fades', () => {
  const fair = new FairShare()
  fair.add(sharer('a', 5))
  fair.add(sharer('b', 1))
  fair.served('a', 50, 1_000)
  assert.equal(fair.first?.client, 'b')
  fair.served('b', 60, 60_000)
  assert.equal(fair.first?.client, 'a', 'what is long ago counts little')
})

test('what was done for a client is remembered while it does not wait', () => {
  const fair = new FairShare()
  const one = sharer('a', 1)
  fair.add(one)
  fair.remove(one)
  fair.served('a', 50, 1_000)
  fair.add(sharer('b', 2))
  fair.add(sharer('a', 3))
  assert.equal(fair.first?.client, 'b')
})

test('one that was put aside comes back as its client’s oldest', () => {
  const fair = new FairShare()
  const [old, young] = [sharer('a', 1), sharer('a', 9)]
  fair.add(young)
  fair.add(old, true)
  assert.equal(fair.first, young)
  fair.remove(young)
  assert.equal(fair.first, old)
})

test('time alone does not run out of numbers', () => {
  const fair = new FairShare()
  fair.add(sharer('a', 1))
  fair.add(sharer('b', 2))
  for (let day = 1; day < 100; day++) {
    fair.served(day % 2 === 0 ? 'a' : 'b', 50, day * 86_400_000)
    assert.equal(fair.first?.client, day % 2 === 0 ? 'b' : 'a', `day ${day}`)
  }
})

test('an address stands for itself, an IPv6 one for its network', () => {
  const cases: Record<string, string> = {
    '192.0.2.1': '192.0.2.1',
    '2001:db8:1:2:3:4:5:6': '2001:db8:1:2',
    '2001:db8:1:2::6': '2001:db8:1:2',
    '2001:db8::6': '2001:db8:0:0',
    '::1': '0:0:0:0',
    '::ffff:192.0.2.1': '::ffff:192.0.2.1',
    '': '',
  }
  for (const [client, share] of Object.entries(cases)) assert.equal(shareOf(client), share, client)
})

test('the order is that of a list sorted anew, through two thousand random steps', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = new Random(seed)
    const fair = new FairShare()
    const here: Sharer[] = []
    const done = new Map<string, number>()
    for (let step = 1; step <= 2_000; step++) {
      const what = random.below(3)
      if (what === 0) {
        here.push(sharer(`c${random.below(6)}`, step))
        fair.add(here.at(-1)!)
      } else if (what === 1 && here.length > 0) {
        fair.remove(here.splice(random.below(here.length), 1)[0]!)
      } else {
        const client = `c${random.below(6)}`
        fair.served(client, 50, 1_000)
        done.set(client, (done.get(client) ?? 0) + 50)
      }
      const first = [...here].sort(
        (a, b) => (done.get(a.client) ?? 0) - (done.get(b.client) ?? 0) || b.since - a.since,
      )[0]
      assert.equal(fair.first, first ?? null, `seed ${seed}, step ${step}`)
    }
  }
})
