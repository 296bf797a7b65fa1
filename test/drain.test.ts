// When idle connections are closed at a drain: not while anything else is under way, and not without a grace.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Drain } from '../src/drain.ts'

function rig(t: TestContext, active: number) {
  const state = { active, idle: 1, upgrades: 0 }
  const closed: number[] = []
  let at = 100
  const drain = new Drain({
    reason: 'SIGTERM',
    timeout: 60_000,
    connections: {
      count: () => ({ active: state.active, idle: state.idle }),
      get allDone() {
        return state.active + state.idle === 0
      },
      endWaitsLongerThan: () => {
        closed.push(at)
        state.idle = 0
      },
      interruptAll() {},
    } as never,
    upgrades: {
      get size() {
        return state.upgrades
      },
      closeAll() {},
    } as never,
  })
  let ended = false
  void drain.ended.then(() => {
    ended = true
  })
  const run = (until: number) => {
    for (; at <= until; at += 100) drain.tick(at)
  }
  t.after(() => {
    state.active = state.idle = state.upgrades = 0
    drain.check()
  })
  return {
    state,
    closed,
    run,
    hasEnded: () => new Promise<boolean>(resolve => setImmediate(() => resolve(ended))),
  }
}

test('one that has idled for long still has its grace', async t => {
  const { closed, run, hasEnded } = rig(t, 0)
  run(1_000)
  assert.deepEqual(closed, [])
  run(1_100)
  assert.deepEqual(closed, [1_100])
  assert.equal(await hasEnded(), true)
})

test('while something is under way the idle ones stay, and a request over them is served', async t => {
  const { state, closed, run, hasEnded } = rig(t, 1)
  run(20_000)
  assert.deepEqual(closed, [])
  state.active = 0
  run(20_900)
  // One of them is used after all: the grace begins anew when it is done.
  state.active = 1
  run(22_000)
  state.active = 0
  run(22_900)
  assert.deepEqual(closed, [])
  run(23_100)
  assert.deepEqual(closed, [23_100])
  assert.equal(await hasEnded(), true)
})
