// The house's desk and the planes' stand-ins together, in one thread: messages lie in boxes until the test delivers
// them, in any order between planes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admission, type Outlook } from '../../src/admit/admission.ts'
import { SlotPool } from '../../src/admit/slot-pool.ts'
import { Clock, now } from '../../src/clock.ts'
import { Failure } from '../../src/errors.ts'
import { Exchange } from '../../src/exchange.ts'
import type { WorkerSlot } from '../../src/house.ts'
import { Board } from '../../src/planes/board.ts'
import { type AtTheDesk, Desk, type Waiting } from '../../src/planes/desk.ts'
import type { ToHouse, ToPlane } from '../../src/planes/messages.ts'
import { Outbox } from '../../src/planes/outbox.ts'
import { type OfGroup, RemoteAdmission } from '../../src/planes/remote-admission.ts'
import { Upstream } from '../../src/upstream/upstream.ts'
import { Random } from '../support/random.ts'

interface Asking {
  readonly exchange: Exchange
  result: WorkerSlot | Failure | null
}

class TestPlane {
  readonly toHouse: ToHouse[][] = []
  readonly toPlane: ToPlane[] = []
  readonly waiting: Waiting = new Map()
  readonly outbox = new Outbox<ToHouse>({ postMessage: messages => this.toHouse.push([...messages]) })
  readonly admission: RemoteAdmission
  readonly #house: TestHouse

  constructor(house: TestHouse) {
    this.#house = house
    this.admission = new RemoteAdmission(new Board(house.desk.board.memory), house.queueSize, this.outbox)
  }

  ask(id: string, { again = false, healthCheck = false } = {}): Asking {
    const exchange = new Exchange('peer', now())
    exchange.id = id
    exchange.healthCheck = healthCheck
    const asking: Asking = { exchange, result: null }
    const result = this.admission.enter(exchange, again, true)
    if (result instanceof Promise) {
      void result.then(settled => {
        asking.result = settled
      })
    } else asking.result = result
    return asking
  }

  /** The house hears what this plane has said so far. */
  async speak(): Promise<void> {
    this.outbox.flush()
    for (const messages of this.toHouse.splice(0)) {
      for (const message of messages) {
        this.#house.desk.hear(message as AtTheDesk, this.waiting, reply => this.toPlane.push(reply))
      }
    }
    // What was granted is said in promises.
    await new Promise(resolve => setImmediate(resolve))
    this.#house.desk.settle()
  }

  async listen(): Promise<void> {
    for (const message of this.toPlane.splice(0)) this.admission.hear(message as OfGroup)
    await new Promise(resolve => setImmediate(resolve))
  }

  get silent(): boolean {
    this.outbox.flush()
    return this.toHouse.length === 0 && this.toPlane.length === 0
  }
}

class TestHouse {
  outlook: Outlook = 'open'
  readonly queueSize: number
  readonly clock = new Clock()
  readonly admission: Admission<Upstream>
  readonly desk: Desk
  readonly planes: TestPlane[] = []
  readonly pools: SlotPool<Upstream>[] = []

  constructor(planes: number, queueSize = 1_000) {
    this.queueSize = queueSize
    this.admission = new Admission<Upstream>({
      queueSize,
      queueTimeout: 30_000,
      clock: this.clock,
      outlook: () => this.outlook,
    })
    this.desk = new Desk({
      group: 0,
      chooses: false,
      admission: this.admission,
      outlook: () => this.outlook,
      broadcast: message => {
        for (const plane of this.planes) plane.toPlane.push(message)
      },
    })
    for (let i = 0; i < planes; i++) this.planes.push(new TestPlane(this))
  }

  upstream(limit: number, port = 80): Upstream {
    const upstream = new Upstream(`app:${port}`, { host: '127.0.0.1', port }, { down() {}, up() {} })
    const lanes = this.desk.lanesOf(upstream)
    const pool = new SlotPool(upstream, limit, () => this.admission.dispatch(), lanes)
    this.admission.pools.push(pool)
    this.pools.push(pool)
    return upstream
  }

  /** Until nobody has anything to say. */
  async calm(): Promise<void> {
    this.desk.settle()
    do {
      for (const plane of this.planes) {
        await plane.speak()
        await plane.listen()
      }
    } while (this.planes.some(plane => !plane.silent))
  }
}

function slotOf({ result }: Asking): WorkerSlot {
  assert.ok(result !== null && !(result instanceof Failure), String(result))
  return result
}

async function house(planes: number, limit: number): Promise<TestHouse> {
  const made = new TestHouse(planes)
  made.upstream(limit)
  await made.calm()
  return made
}

test('while nobody waits, a slot is taken and given back without a word', async () => {
  const { planes } = await house(2, 2)
  const [a, b] = planes.map(plane => plane.ask('x')) as [Asking, Asking]
  assert.deepEqual([slotOf(a).lane, slotOf(b).lane], [0, 1])
  slotOf(a).release()
  slotOf(a).release()
  assert.equal(slotOf(planes[1]!.ask('y')).lane, 0)
  assert.ok(planes.every(plane => plane.silent))
})

test('who finds no slot waits in the house, and the order is that of asking, whichever the plane', async () => {
  const made = await house(2, 1)
  const [left, right] = made.planes as [TestPlane, TestPlane]
  const holder = left.ask('holder')
  const first = right.ask('first')
  // Its slot comes back at once; but one has asked before this one, and has not even been heard yet.
  slotOf(holder).release()
  const second = left.ask('second')
  assert.equal(second.result, null)
  await right.speak()
  await left.speak()
  await made.calm()
  assert.equal(slotOf(first).lane, 0)
  assert.equal(second.result, null)
  slotOf(first).release()
  await made.calm()
  assert.equal(slotOf(second).lane, 0)
})

test('the gate opens again when nobody waits any more', async () => {
  const made = await house(1, 1)
  const [plane] = made.planes as [TestPlane]
  const holder = plane.ask('holder')
  const next = plane.ask('next')
  await made.calm()
  slotOf(holder).release()
  await made.calm()
  slotOf(next).release()
  await made.calm()
  slotOf(plane.ask('third')).release()
  assert.ok(plane.silent)
})

test('a slot that was granted to one who left meanwhile comes back', async () => {
  const made = await house(2, 1)
  const [left, right] = made.planes as [TestPlane, TestPlane]
  const holder = left.ask('holder')
  const leaver = left.ask('leaver')
  await made.calm()
  slotOf(holder).release()
  await left.speak()
  // The grant is on its way when it leaves.
  leaver.exchange.leave(new Failure('client_left'))
  await made.calm()
  assert.ok(leaver.result instanceof Failure && leaver.result.code === 'client_left')
  assert.equal(made.pools[0]!.busy, 0)
  assert.equal(slotOf(right.ask('next')).lane, 0)
})

test('one who leaves while it waits leaves the queue', async () => {
  const made = await house(1, 1)
  const [plane] = made.planes as [TestPlane]
  plane.ask('holder')
  const leaver = plane.ask('leaver')
  await made.calm()
  assert.equal(made.admission.length, 1)
  leaver.exchange.leave(new Failure('client_left'))
  await made.calm()
  assert.equal(made.admission.length, 0)
})

test('after a refusal the upstream is asked by one alone, as the house says, and by all when it is back', async () => {
  const made = await house(2, 4)
  const [left, right] = made.planes as [TestPlane, TestPlane]
  const refused = slotOf(left.ask('a'))
  const upstream = refused.pool.backend
  upstream.refused('ECONNREFUSED')
  refused.release()
  // Before the house has heard it, nobody is sent there any more.
  const others = [left.ask('b'), right.ask('c')]
  assert.ok(others.every(({ result }) => result === null))
  await made.calm()
  assert.equal(made.pools[0]!.backend.isUp, false)
  assert.ok(others.every(({ result }) => result === null))
  const known = made.pools[0]!.backend
  known.connected()
  made.admission.dispatch()
  await made.calm()
  assert.equal(others.map(slotOf).length, 2)
})

test('what the queue would say to a newcomer is known in every plane', async () => {
  const made = await house(1, 1)
  const [plane] = made.planes as [TestPlane]
  const exchange = new Exchange('peer', now())
  assert.equal(plane.admission.refusal(exchange), null)
  made.outlook = 'refusing'
  made.pools[0]!.backend.refused('ECONNREFUSED')
  made.desk.settle()
  assert.equal(plane.admission.refusal(exchange)?.code, 'upstream_down')
})

test('without a queue, who finds no slot is refused at the head at once, and who finds one is not', async () => {
  const made = new TestHouse(1, 0)
  made.upstream(1)
  await made.calm()
  const [plane] = made.planes as [TestPlane]
  const exchange = new Exchange('peer', now())
  const holder = plane.ask('holder')
  assert.equal(plane.admission.refusal(exchange)?.code, 'queue_full')
  made.desk.settle()
  slotOf(holder).release()
  assert.equal(plane.admission.refusal(exchange), null)
})

test('time that is held is told from time in the queue', async () => {
  const made = await house(1, 1)
  const [plane] = made.planes as [TestPlane]
  plane.ask('holder')
  const { exchange } = plane.ask('waits')
  await made.calm()
  assert.equal(exchange.phase, 'queued')
  made.outlook = 'held'
  made.admission.outlookChanged()
  await made.calm()
  assert.equal(exchange.phase, 'held')
})

test('an upstream that is removed is given nothing more, and what is out comes back', async () => {
  const made = await house(1, 1)
  const [plane] = made.planes as [TestPlane]
  const holder = plane.ask('holder')
  const other = made.upstream(1, 81)
  const [gone] = made.admission.pools.splice(0, 1)
  gone!.retired = true
  made.desk.removed(gone!.backend)
  await made.calm()
  assert.equal(slotOf(plane.ask('next')).pool.backend.name, other.name)
  slotOf(holder).release()
  await made.calm()
  assert.equal(gone!.busy, 0)
})

test('one who was granted an upstream that is removed in the same turn is given another', async () => {
  const made = await house(1, 1)
  const [plane] = made.planes as [TestPlane]
  const [gone] = made.pools as [SlotPool<Upstream>]
  gone.backend.refused('ECONNREFUSED')
  await made.calm()
  const waiter = plane.ask('waits')
  await made.calm()
  assert.equal(waiter.result, null)
  // Its name leads elsewhere now; and as it admits once more, the grant is out before anybody was told of it.
  const other = made.upstream(1, 81)
  gone.backend.connected()
  made.admission.dispatch()
  assert.equal(gone.busy, 1)
  made.admission.pools.splice(0, 1)
  gone.retired = true
  made.desk.removed(gone.backend)
  await made.calm()
  assert.equal(slotOf(waiter).pool.backend.name, other.name)
  assert.equal(gone.busy, 0)
  assert.equal(made.desk.board.asking, 0)
})

for (const seed of [1, 2, 3, 4]) {
  test(`whatever the order of messages, slots are exact and nobody is forgotten (seed ${seed})`, async () => {
    const random = new Random(seed)
    const below = (limit: number) => random.below(limit)
    const made = await house(3, 2)
    made.upstream(1, 81)
    await made.calm()
    const held: Asking[] = []
    const open: Asking[] = []
    for (let step = 0; step < 1_500; step++) {
      const plane = made.planes[below(3)]!
      const what = below(10)
      if (what < 4) open.push(plane.ask(`r${step}`, { again: below(8) === 0, healthCheck: below(12) === 0 }))
      else if (what < 6 && held.length > 0) slotOf(held.splice(below(held.length), 1)[0]!).release()
      else if (what === 6 && open.length > 0)
        open[below(open.length)]!.exchange.leave(new Failure('client_left'))
      else if (what === 7) await plane.speak()
      else if (what === 8) await plane.listen()
      else made.desk.settle()
      await Promise.resolve()
      for (let i = open.length - 1; i >= 0; i--) {
        const asking = open[i]!
        if (asking.result === null) continue
        open.splice(i, 1)
        if (!(asking.result instanceof Failure)) held.push(asking)
      }
      for (const pool of made.pools) {
        assert.ok(pool.busy <= pool.limit, `step ${step}: ${pool.busy} of ${pool.limit} are taken`)
      }
      const lanes = held.map(asking => `${slotOf(asking).pool.backend.name} ${slotOf(asking).lane}`)
      assert.equal(new Set(lanes).size, lanes.length, `step ${step}: one lane has two holders: ${lanes}`)
    }
    while (open.length + held.length > 0) {
      await made.calm()
      for (const asking of open.splice(0)) {
        if (asking.result === null) open.push(asking)
        else if (!(asking.result instanceof Failure)) held.push(asking)
      }
      const free = made.pools.some(pool => pool.busy < pool.limit)
      assert.ok(open.length === 0 || !free, `${open.length} wait while a slot is free`)
      for (const asking of held.splice(0)) slotOf(asking).release()
    }
    await made.calm()
    assert.deepEqual(
      made.pools.map(({ busy }) => busy),
      [0, 0],
    )
    assert.equal(made.desk.board.asking, 0)
    assert.equal(made.admission.length, 0)
    slotOf(made.planes[0]!.ask('last'))
  })
}
