import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerAllowance, bodyAllowance } from '../../src/site/allowances.ts'
import { USUAL_ALLOWANCE } from '../../src/spool/allowance.ts'

test('what a file says nothing of is as usual', () => {
  assert.equal(bodyAllowance({ bodyMemory: null }), USUAL_ALLOWANCE)
  assert.equal(answerAllowance({ answerMemory: null, answerDisk: null }), USUAL_ALLOWANCE)
})

test('what it says holds for each message', () => {
  const { memory, disk } = USUAL_ALLOWANCE
  assert.deepEqual(bodyAllowance({ bodyMemory: 4096 }), { memory: 4096, disk })
  assert.deepEqual(answerAllowance({ answerMemory: 4096, answerDisk: null }), { memory: 4096, disk })
  assert.deepEqual(answerAllowance({ answerMemory: null, answerDisk: 0 }), { memory, disk: 0 })
})
