// Blocking work: that it blocks, and that it ends early when nobody is left.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { block } from '../../../src/cli/demo/blocking.ts'

test('nothing else happens in the process while it blocks', async () => {
  let happened = false
  const other = new Promise<void>(resolve =>
    setImmediate(() => {
      happened = true
      resolve()
    }),
  )
  assert.equal(
    block(20, () => false),
    true,
  )
  assert.equal(happened, false)
  await other
})

test('it asks between slices whether to go on, and ends when not', () => {
  let asked = 0
  const wentOn = block(3_600_000, () => ++asked === 2)
  assert.equal(wentOn, false)
  assert.equal(asked, 2)
})
