import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HEALTH_CHECK_WAIT_MS } from '../../src/admit/admission-options.ts'
import { Slot } from '../../src/admit/slot-pool.ts'
import { now } from '../../src/clock.ts'
import { Failure } from '../../src/errors.ts'
import { Exchange } from '../../src/exchange.ts'
import { dice } from '../spool/rig.ts'
import { type Asking, failureOf, Rig, slotOf, told } from './rig.ts'

/** The ids of those that have a slot, in the order of asking. */
function served(askings: Asking[]): string[] {
  return askings.filter(({ result }) => result instanceof Slot).map(({ exchange }) => exchange.id)
}

test('a free slot is taken at once, without a promise', () => {
  const rig = new Rig()
  const pool = rig.pool(1)
  assert.equal(slotOf(rig.ask('a')).pool, pool)
  assert.deepEqual(pool.lanes, ['a'])
})

test('those who wait are let go in the order they came', async () => {
  const rig = new Rig()
  rig.pool(1)
  let last = slotOf(rig.ask('a'))
  const waiting = ['b', 'c', 'd'].map(id => rig.ask(id))
  for (let i = 0; i < 3; i++) {
    assert.equal(rig.admission.length, 3 - i)
    last.release()
    await told()
    assert.deepEqual(served(waiting), ['b', 'c', 'd'].slice(0, i + 1))
    last = slotOf(waiting[i]!)
  }
})

test('a newcomer does not overtake those who wait, even when a slot is free at that moment', async () => {
  const rig = new Rig()
  const pool = rig.pool(1)
  pool.backend.open = false
  const first = rig.ask('first')
  // Nobody has told the queue yet that the upstream admits again.
  pool.backend.open = true
  const second = rig.ask('second')
  assert.equal(second.result, null)
  rig.admission.dispatch()
  await told()
  slotOf(first)
  assert.equal(second.result, null)
})

test('a health check goes first', async () => {
  const rig = new Rig()
  rig.pool(1)
  const held = slotOf(rig.ask('held'))
  const waiting = ['a', 'b'].map(id => rig.ask(id))
  const check = rig.ask('check', { health: true })
  held.release()
  await told()
  slotOf(check)
  assert.deepEqual(served(waiting), [])
})

test('one health check at a time goes first; the next stands in line', async () => {
  const rig = new Rig()
  rig.pool(1)
  let slot = slotOf(rig.ask('held'))
  const all = [
    rig.ask('a'),
    rig.ask('check 1', { health: true }),
    rig.ask('check 2', { health: true }),
    rig.ask('b'),
  ]
  const order: string[] = []
  for (let i = 0; i < 4; i++) {
    slot.release()
    await told()
    const next = all.find(({ result, exchange }) => result instanceof Slot && !order.includes(exchange.id))!
    order.push(next.exchange.id)
    slot = slotOf(next)
  }
  assert.deepEqual(order, ['check 1', 'a', 'check 2', 'b'])
})

test('during a pause every health check goes before those who are held', async () => {
  const rig = new Rig()
  const pool = rig.pool(1)
  const holder = slotOf(rig.ask('holder'))
  rig.admission.pause(null)
  const held = rig.ask('held')
  const checks = ['check 1', 'check 2'].map(id => rig.ask(id, { health: true }))
  holder.release()
  for (const check of checks) {
    await told()
    slotOf(check).release()
  }
  await told()
  assert.deepEqual([held.result, pool.busy], [null, 0])
})

test('a health check waits for one second at most, the others for their own time', async () => {
  const rig = new Rig({ queueTimeout: 30_000 })
  rig.pool(1)
  slotOf(rig.ask('held'))
  const before = now()
  const check = rig.ask('check', { health: true })
  const request = rig.ask('a')
  const after = now()
  rig.clock.tick(before + HEALTH_CHECK_WAIT_MS - 1)
  await told()
  assert.equal(check.result, null)
  rig.clock.tick(after + HEALTH_CHECK_WAIT_MS)
  await told()
  assert.equal(failureOf(check), 'queue_timeout')
  assert.equal(request.result, null)
  rig.clock.tick(before + 29_999)
  await told()
  assert.equal(request.result, null)
  rig.clock.tick(after + 30_000)
  await told()
  assert.equal(failureOf(request), 'queue_timeout')
  assert.equal(rig.admission.length, 0)
})

test('a health check does not wait longer than others may', async () => {
  const rig = new Rig({ queueTimeout: 200 })
  rig.pool(0)
  const check = rig.ask('check', { health: true })
  rig.clock.tick(now() + 200)
  await told()
  assert.equal(failureOf(check), 'queue_timeout')
})

test('a full queue refuses, but not a health check, nor one that comes again', async () => {
  const rig = new Rig({ queueSize: 2 })
  rig.pool(1)
  const held = slotOf(rig.ask('held'))
  rig.ask('a')
  rig.ask('b')
  assert.equal(failureOf(rig.ask('c')), 'queue_full')
  const again = rig.ask('again', { again: true })
  const check = rig.ask('check', { health: true })
  assert.deepEqual([again.result, check.result], [null, null])
  held.release()
  await told()
  slotOf(check).release()
  await told()
  slotOf(again)
})

test('with no queue at all a free slot is still taken', () => {
  const rig = new Rig({ queueSize: 0 })
  rig.pool(1)
  assert.equal(rig.admission.refusal(new Exchange('192.0.2.1', 0)), null)
  slotOf(rig.ask('a'))
  assert.equal(failureOf(rig.ask('b')), 'queue_full')
  assert.equal(rig.admission.refusal(new Exchange('192.0.2.1', 0))?.code, 'queue_full')
})

test('one that comes again goes to the head, and takes a free slot before all others', async () => {
  const rig = new Rig()
  const pool = rig.pool(1)
  pool.backend.open = false
  const waiting = rig.ask('a')
  const again = rig.ask('again', { again: true })
  pool.backend.open = true
  const overtaking = rig.ask('overtaking', { again: true })
  slotOf(overtaking).release()
  await told()
  slotOf(again).release()
  await told()
  slotOf(waiting)
})

test('one that comes again has only what is left of its time', async () => {
  const rig = new Rig({ queueTimeout: 1000 })
  rig.pool(0)
  const exchange = new Exchange('192.0.2.1', now())
  exchange.timers.queue = 300
  exchange.timers.hold = 400
  exchange.timers.connect = 100
  const before = now()
  const again = rig.ask('again', { again: true, exchange })
  const after = now()
  rig.clock.tick(before + 150)
  await told()
  assert.equal(again.result, null)
  rig.clock.tick(after + 200)
  await told()
  assert.equal(failureOf(again), 'queue_timeout')
  exchange.timers.queue = 1000
  assert.equal(failureOf(rig.ask('again', { again: true, exchange })), 'queue_timeout')
})

test('a client that leaves leaves the queue, and its slot goes to the next', async () => {
  const rig = new Rig()
  const pool = rig.pool(1)
  const held = slotOf(rig.ask('held'))
  const leaver = rig.ask('leaver')
  const next = rig.ask('next')
  leaver.exchange.leave(new Failure('client_left'))
  assert.equal(rig.admission.length, 1)
  held.release()
  await told()
  assert.equal(failureOf(leaver), 'client_left')
  slotOf(next)
  assert.equal(pool.busy, 1)
  rig.clock.tick(now() + 1e9)
  await told()
  assert.equal(failureOf(leaver), 'client_left')
})

test('who has a slot no longer hears of interrupts from here', async () => {
  const rig = new Rig()
  rig.pool(1)
  const held = slotOf(rig.ask('held'))
  const next = rig.ask('next')
  held.release()
  assert.equal(next.exchange.onInterrupt, null)
  await told()
  slotOf(next)
  // Whoever waits for this exchange now is not disturbed by the deadline of a wait that is over.
  const waits = () => {}
  next.exchange.onInterrupt = waits
  rig.clock.tick(now() + 1e9)
  assert.equal(next.exchange.onInterrupt, waits)
})

test('a half-closed client is served at once or not at all', () => {
  const rig = new Rig()
  rig.pool(1)
  slotOf(rig.ask('a', { mayWait: false }))
  assert.equal(failureOf(rig.ask('b', { mayWait: false })), 'client_left')
  assert.equal(rig.admission.length, 0)
})

test('the least busy upstream is given the next request, the first among equals', () => {
  const rig = new Rig()
  const [a, b] = [rig.pool(3, 'a'), rig.pool(3, 'b')]
  const names = () => slotOf(rig.ask('x')).pool.backend.name
  assert.deepEqual([names(), names(), names()], ['a', 'b', 'a'])
  b.backend.open = false
  assert.equal(names(), 'a')
  b.backend.open = true
  assert.deepEqual([names(), names()], ['b', 'b'])
  assert.deepEqual([a.busy, b.busy], [3, 3])
})

test('the least busy one that is full is passed over', () => {
  const rig = new Rig()
  rig.pool(1, 'small')
  const large = rig.pool(5, 'large')
  for (let i = 0; i < 4; i++) slotOf(rig.ask(String(i)))
  assert.equal(large.busy, 3)
})

test('a retired pool is given nothing, and its slots still come back', async () => {
  const rig = new Rig()
  const pool = rig.pool(2)
  const held = slotOf(rig.ask('held'))
  pool.retired = true
  const waiting = rig.ask('a')
  held.release()
  await told()
  assert.equal(waiting.result, null)
  assert.equal(pool.busy, 0)
  rig.pool(1, 'new')
  rig.admission.dispatch()
  await told()
  assert.equal(slotOf(waiting).pool.backend.name, 'new')
})

test('a slot that is released twice lets one go, not two', async () => {
  const rig = new Rig()
  rig.pool(1)
  const held = slotOf(rig.ask('held'))
  const waiting = ['a', 'b'].map(id => rig.ask(id))
  held.release()
  held.release()
  await told()
  assert.deepEqual(served(waiting), ['a'])
})

test('while the upstream is down requests are held, in order, until it is back', async () => {
  const rig = new Rig()
  const pool = rig.pool(2)
  pool.backend.open = false
  rig.outlook = 'held'
  const waiting = ['a', 'b', 'c'].map(id => rig.ask(id))
  assert.deepEqual(
    waiting.map(({ exchange }) => exchange.phase),
    ['held', 'held', 'held'],
  )
  pool.backend.open = true
  rig.look('open')
  await told()
  assert.deepEqual(served(waiting), ['a', 'b'])
  assert.equal(waiting[2]!.exchange.phase, 'queued')
})

test('time while the upstream is down counts as hold, the rest as queue', async () => {
  const rig = new Rig()
  rig.pool(0)
  const { exchange } = rig.ask('a')
  const started = now()
  rig.look('held')
  const queued = exchange.timers.queue
  // Time passes here by itself; that much of it is enough to be seen.
  while (now() - started < 2);
  rig.look('open')
  assert.equal(exchange.timers.queue, queued)
  assert.ok(exchange.timers.hold >= 1, `held for ${exchange.timers.hold} ms`)
  assert.equal(exchange.phase, 'queued')
})

test('when the hold has passed everybody who waits is sent away, and newcomers are not let in', async () => {
  const rig = new Rig()
  const pool = rig.pool(1)
  pool.backend.open = false
  rig.outlook = 'held'
  const waiting = ['a', 'b'].map(id => rig.ask(id))
  rig.look('refusing')
  await told()
  assert.deepEqual(waiting.map(failureOf), ['upstream_down', 'upstream_down'])
  assert.equal(rig.admission.length, 0)
  assert.equal(failureOf(rig.ask('c')), 'upstream_down')
  assert.equal(failureOf(rig.ask('d', { again: true })), 'upstream_down')
})

test('one newcomer may ask a refusing upstream when a probe of it is due', () => {
  const rig = new Rig()
  const pool = rig.pool(1)
  rig.outlook = 'refusing'
  assert.equal(rig.admission.refusal(new Exchange('192.0.2.1', 0)), null)
  slotOf(rig.ask('probe'))
  pool.backend.open = false
  assert.equal(failureOf(rig.ask('b')), 'upstream_down')
})

test('a health check is never held: neither let in, nor left waiting', async () => {
  const rig = new Rig()
  const pool = rig.pool(0)
  pool.backend.open = false
  const check = rig.ask('check', { health: true })
  const inLine = rig.ask('in line', { health: true })
  const request = rig.ask('a')
  rig.look('held')
  await told()
  assert.deepEqual([failureOf(check), failureOf(inLine)], ['upstream_down', 'upstream_down'])
  assert.equal(request.result, null)
  assert.equal(failureOf(rig.ask('later', { health: true })), 'upstream_down')
})

test('the head of the queue tells how long it has waited', () => {
  const rig = new Rig()
  rig.pool(0)
  assert.equal(rig.admission.oldest(), 0)
  const before = now()
  rig.ask('a')
  rig.ask('b')
  assert.ok(rig.admission.oldest(before + 5000) <= 5000)
  assert.ok(rig.admission.oldest(now() + 5000) >= 5000)
})

test('a random life keeps the invariants', { timeout: 60_000 }, async () => {
  for (let seed = 1; seed <= 40; seed++) await randomLife(seed)
})

/** Asks, releases, leaves, retires, and takes upstreams down and up, in random order, checking at every step. */
async function randomLife(seed: number): Promise<void> {
  const roll = dice(seed)
  const rig = new Rig({ queueSize: 8, queueTimeout: 60_000 })
  const pools = [rig.pool(1, 'a'), rig.pool(3, 'b')]
  const askings: Asking[] = []
  const waits = () => askings.filter(({ result }) => result === null)
  const released = new Set<Slot<never>>()
  const holders = () =>
    askings.filter(({ result }) => result instanceof Slot && !released.has(result as Slot<never>))
  const pick = <T>(list: T[]): T | undefined => list[Math.floor(roll() * list.length)]
  const left = new Set<Asking>()

  for (let step = 0; step < 300; step++) {
    const what = roll()
    if (what < 0.45) {
      askings.push(rig.ask(`${seed}:${step}`, { health: roll() < 0.1, again: roll() < 0.1 }))
    } else if (what < 0.75) {
      const slot = pick(holders())?.result as Slot<never> | undefined
      if (slot !== undefined) {
        released.add(slot)
        slot.release()
        if (roll() < 0.3) slot.release()
      }
    } else if (what < 0.85) {
      const leaver = pick(waits())
      if (leaver !== undefined) {
        left.add(leaver)
        leaver.exchange.leave(new Failure('client_left'))
      }
    } else {
      const pool = pick(pools)!
      pool.backend.open = !pool.backend.open
      rig.look(
        pools.some(({ backend }) => backend.open) ? 'open' : pick(['held', 'held', 'refusing'] as const)!,
      )
      // An upstream that is back says so, also when another was up all the time.
      if (pool.backend.open) rig.admission.dispatch()
    }
    await told()

    const where = `seed ${seed}, step ${step}`
    for (const pool of pools) {
      assert.ok(pool.busy >= 0 && pool.busy <= pool.limit, `${where}: ${pool.busy} of ${pool.limit} busy`)
      const taken = pool.lanes.filter(holder => holder !== null)
      assert.equal(taken.length, pool.busy, where)
    }
    assert.equal(rig.admission.length, waits().length, `${where}: who waits is in the queue`)
    assert.equal(
      pools.reduce((sum, { busy }) => sum + busy, 0),
      holders().length,
      `${where}: each busy slot has its holder`,
    )
    if (rig.admission.length > 0) {
      assert.ok(!pools.some(pool => pool.hasRoom(now())), `${where}: somebody waits beside a free slot`)
    }
    for (const leaver of left) assert.equal(failureOf(leaver), 'client_left', where)
  }

  for (const asking of holders()) (asking.result as Slot<never>).release()
  rig.clock.tick(now() + 1e9)
  await told()
  assert.deepEqual(
    waits().map(({ exchange }) => exchange.id),
    [],
    `seed ${seed}: all are told in the end`,
  )
  for (const { exchange } of askings) assert.equal(exchange.onInterrupt, null)
}

test('one that cannot be sent again is not let through beyond the limit, nor is anybody past it', async () => {
  const rig = new Rig()
  const pool = rig.pool(1)
  pool.ceiling = 2
  const first = rig.ask('first')
  const post = rig.ask('post')
  const get = new Exchange('192.0.2.1', now())
  get.resendable = true
  const waiting = rig.ask('get', { exchange: get })
  assert.deepEqual([post.result, waiting.result], [null, null], 'the order holds')
  slotOf(first).release()
  await told()
  slotOf(post)
  slotOf(waiting)
})
