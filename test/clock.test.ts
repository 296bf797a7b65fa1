import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Clock, type Timed } from '../src/clock.ts'

class Item implements Timed {
  deadline = 0
  place = -1
  readonly heard: number[] = []
  readonly also: (() => void) | undefined

  constructor(also?: () => void) {
    this.also = also
  }

  expired(at: number): void {
    this.heard.push(at)
    this.also?.()
  }
}

test('an item hears of its deadline once, at the first tick that is not before it', () => {
  const clock = new Clock()
  const item = new Item()
  clock.set(item, 100)
  clock.tick(99.9)
  assert.deepEqual(item.heard, [])
  clock.tick(100)
  assert.deepEqual(item.heard, [100])
  assert.equal(item.deadline, 0)
  clock.tick(1e9)
  assert.deepEqual(item.heard, [100])
})

test('a deadline can be moved in both directions', () => {
  const clock = new Clock()
  const [later, sooner] = [new Item(), new Item()]
  clock.set(later, 100)
  clock.set(later, 300)
  clock.set(sooner, 300)
  clock.set(sooner, 100)
  clock.tick(200)
  assert.deepEqual([later.heard, sooner.heard], [[], [200]])
  clock.tick(300)
  assert.deepEqual(later.heard, [300])
})

test('one that was moved later is not forgotten by the sweep that passed it over', () => {
  const clock = new Clock()
  const item = new Item()
  for (let at = 100; at <= 1000; at += 100) {
    clock.set(item, at + 150)
    clock.tick(at + 100)
  }
  assert.deepEqual(item.heard, [])
  clock.tick(1150)
  assert.deepEqual(item.heard, [1150])
})

test('a cleared item hears nothing; clearing twice is harmless, and it can be set again', () => {
  const clock = new Clock()
  const item = new Item()
  clock.set(item, 100)
  clock.clear(item)
  clock.clear(item)
  clock.tick(200)
  assert.deepEqual(item.heard, [])
  clock.set(item, 300)
  clock.tick(300)
  assert.deepEqual(item.heard, [300])
})

test('an item that is due can clear and move others that are due in the same sweep', () => {
  const clock = new Clock()
  const [cleared, moved] = [new Item(), new Item()]
  const first = new Item(() => {
    clock.clear(cleared)
    clock.set(moved, 500)
  })
  for (const item of [first, cleared, moved]) clock.set(item, 100)
  clock.tick(100)
  assert.deepEqual([first.heard, cleared.heard, moved.heard], [[100], [], []])
  clock.tick(500)
  assert.deepEqual([cleared.heard, moved.heard], [[], [500]])
})

test('an item that sets itself again from its own call is due again, and not in the same tick', () => {
  const clock = new Clock()
  const item: Item = new Item(() => clock.set(item, 50))
  clock.set(item, 100)
  clock.tick(100)
  assert.deepEqual(item.heard, [100])
  clock.tick(101)
  assert.deepEqual(item.heard, [100, 101])
})

test('a new earlier deadline, set while a sweep runs, is not lost', () => {
  const clock = new Clock()
  const [early, late] = [new Item(), new Item()]
  const setter = new Item(() => clock.set(early, 150))
  clock.set(late, 1000)
  clock.set(setter, 100)
  clock.tick(100)
  clock.tick(150)
  assert.deepEqual([early.heard, late.heard], [[150], []])
})

test('who listens hears every tick, after the deadlines', () => {
  const clock = new Clock()
  const order: string[] = []
  clock.onTick(at => order.push(`tick ${at}`))
  clock.set(new Item(() => order.push('due')), 10)
  clock.tick(5)
  clock.tick(10)
  assert.deepEqual(order, ['tick 5', 'due', 'tick 10'])
})

test('once started it ticks by itself, on the scale of performance.now, until it is stopped', async (t: TestContext) => {
  const clock = new Clock()
  t.after(() => clock.stop())
  const item = new Item()
  // The clock's timer keeps no process alive, so something else must.
  const alive = setInterval(() => {}, 1000)
  t.after(() => clearInterval(alive))
  const due = performance.now() + 1
  clock.set(item, due)
  clock.start()
  clock.start()
  await new Promise<void>(resolve => clock.onTick(() => item.heard.length > 0 && resolve()))
  assert.ok(item.heard[0]! >= due)
  clock.set(item, 1)
  clock.stop()
  clock.tick(1e12)
  assert.equal(item.heard.length, 1, 'what was set is forgotten when it stops')
})
