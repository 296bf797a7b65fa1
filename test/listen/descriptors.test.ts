import assert from 'node:assert/strict'
import { test } from 'node:test'
import { descriptorLimit } from '../../src/listen/descriptors.ts'

test('clients may have so many descriptors that workers, spools and the house have theirs', () => {
  const { total, forClients } = descriptorLimit()
  assert.ok(Number.isSafeInteger(total) && total > 0)
  assert.ok(forClients >= 16)
  if (total > 1000) assert.ok(total - forClients >= total / 4, `${forClients} of ${total}`)
})
