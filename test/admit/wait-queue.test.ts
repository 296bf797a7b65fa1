import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Waiter, WaitQueue } from '../../src/admit/wait-queue.ts'
import { dice } from '../spool/rig.ts'

interface Named extends Waiter {
  readonly name: string
}

function waiter(name: string): Named {
  return { name, previous: null, next: null, queue: null }
}

/** The order, read from both ends, which must agree. */
function order(queue: WaitQueue): string[] {
  const forward: string[] = []
  const backward: string[] = []
  for (let at = queue.first as Named | null; at !== null; at = at.next as Named | null) forward.push(at.name)
  for (let at = queue.last as Named | null; at !== null; at = at.previous as Named | null)
    backward.unshift(at.name)
  assert.deepEqual(backward, forward)
  assert.equal(queue.length, forward.length)
  return forward
}

test('joins at the end and at the head', () => {
  const queue = new WaitQueue()
  queue.push(waiter('b'))
  queue.unshift(waiter('a'))
  queue.push(waiter('c'))
  assert.deepEqual(order(queue), ['a', 'b', 'c'])
})

test('joins before the first that is to come after it', () => {
  const queue = new WaitQueue()
  const after = (name: string) => (other: Waiter) => (other as Named).name > name
  for (const name of ['c', 'a', 'd', 'b']) queue.insert(waiter(name), after(name))
  assert.deepEqual(order(queue), ['a', 'b', 'c', 'd'])
})

for (const leaving of [0, 1, 2]) {
  test(`leaves from place ${leaving} of three`, () => {
    const queue = new WaitQueue()
    const all = ['a', 'b', 'c'].map(waiter)
    for (const one of all) queue.push(one)
    WaitQueue.remove(all[leaving]!)
    WaitQueue.remove(all[leaving]!)
    all.splice(leaving, 1)
    assert.deepEqual(
      order(queue),
      all.map(({ name }) => name),
    )
  })
}

test('the last one leaves an empty queue, which can be joined again', () => {
  const queue = new WaitQueue()
  const only = waiter('a')
  queue.unshift(only)
  WaitQueue.remove(only)
  assert.deepEqual(order(queue), [])
  queue.push(only)
  assert.deepEqual(order(queue), ['a'])
})

test('one that is in none leaves none', () => {
  WaitQueue.remove(waiter('a'))
})

test('stays a list through a thousand random steps', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const roll = dice(seed)
    const queue = new WaitQueue()
    const model: Named[] = []
    for (let step = 0; step < 1000; step++) {
      const what = roll()
      if (what < 0.4 || model.length === 0) {
        model.push(waiter(`${step}`))
        queue.push(model.at(-1)!)
      } else if (what < 0.55) {
        model.unshift(waiter(`${step}`))
        queue.unshift(model[0]!)
      } else {
        const [gone] = model.splice(Math.floor(roll() * model.length), 1)
        WaitQueue.remove(gone!)
      }
    }
    assert.deepEqual(
      order(queue),
      model.map(({ name }) => name),
      `seed ${seed}`,
    )
  }
})
