import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SlotBelief } from '../../src/admit/slot-belief.ts'
import { SlotTrials } from '../../src/admit/slot-trials.ts'
import { WorkProofs } from '../../src/admit/work-proofs.ts'

function trialsOf(given: { least: number; from: string | null; kernel: boolean }) {
  const belief: SlotBelief = new SlotBelief(
    { ...given, busy: () => 0, waiting: () => true, changed() {}, found() {} },
    () => {},
  )
  const work = new WorkProofs()
  return { belief, trials: new SlotTrials(given, belief, work) }
}

test('where a number is known, one more is tried when all of it is in use', () => {
  const { belief, trials } = trialsOf({ least: 4, from: '--workers', kernel: true })
  trials.begin(3, 1_000)
  assert.equal(belief.trying, false)
  trials.begin(4, 1_000)
  assert.equal(belief.ceiling, 5)
})

test('by timing alone nothing is tried before a few have ended, but for one that waits for nobody to end', () => {
  const { belief, trials } = trialsOf({ least: 1, from: null, kernel: false })
  trials.pause(0, 1_000)
  trials.begin(1, 1_200)
  assert.equal(belief.trying, false)
  trials.begin(1, 1_250)
  assert.equal(belief.ceiling, 2)
  trials.goOn(2, 1_500)
  assert.equal(belief.ceiling, 4)
})

test('one that must not be sent twice is tried where no other comes', () => {
  const { belief, trials } = trialsOf({ least: 1, from: null, kernel: true })
  trials.begin(1, 1_000)
  trials.goOn(1, 1_099)
  assert.equal(belief.exposed, false)
  trials.goOn(1, 1_100)
  assert.equal(belief.exposed, true)
})

test('when nobody waits any more, nothing is tried', () => {
  const { belief, trials } = trialsOf({ least: 4, from: '--workers', kernel: true })
  trials.begin(4, 1_000)
  trials.pause(5, 1_100)
  assert.equal(belief.trying, true, 'what is tried is there to be seen')
  trials.pause(4, 1_200)
  assert.equal(belief.trying, false)
})
