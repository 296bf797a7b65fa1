import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CalmSpell } from '../../src/admit/calm-spell.ts'

test('half the slots, until enough has been learnt or it takes too long', () => {
  const calm = new CalmSpell()
  assert.deepEqual([calm.isDue(15_000), calm.isDue(15_001)], [false, true])
  calm.begin(8, 20_000)
  assert.equal(calm.slots, 4)
  assert.deepEqual(
    [calm.isOver(15, 20_100), calm.isOver(16, 20_100), calm.isOver(0, 25_001)],
    [false, true, true],
  )
  calm.begin(1, 20_000)
  assert.equal(calm.slots, 1, 'never none')
})

test('one that took long does not come again soon', () => {
  const calm = new CalmSpell()
  calm.begin(4, 20_000)
  calm.end(22_000)
  assert.equal(calm.slots, 0)
  assert.deepEqual([calm.isDue(122_000), calm.isDue(122_001)], [false, true])
})
