import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LowerLooks } from '../../src/admit/lower-looks.ts'

test('three looks over two seconds are convincing, and not fewer or sooner', () => {
  const looks = new LowerLooks()
  assert.equal(looks.isConvincing(10_000), false)
  looks.add(3, 0)
  looks.add(2, 2_500)
  assert.equal(looks.isConvincing(2_500), false)
  looks.add(3, 2_600)
  assert.equal(looks.isConvincing(2_600), true)
  looks.forget()
  for (const at of [5_000, 6_000, 6_999]) looks.add(1, at)
  assert.equal(looks.isConvincing(6_999), false)
})

test('the most that any of them saw counts', () => {
  const looks = new LowerLooks()
  assert.equal(looks.most, 0)
  looks.add(2, 0)
  looks.add(3, 1)
  looks.add(1, 2)
  assert.deepEqual([looks.most, looks.count], [3, 3])
})
