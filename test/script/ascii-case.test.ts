import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lower } from '../../src/script/ascii-case.ts'

test('ASCII’s letters only, whatever other bytes would be in Latin-1', () => {
  assert.equal(lower('aBC-1Z'), 'abc-1z')
  assert.equal(lower('A\xc9\xe9Z'), 'a\xc9\xe9z')
  assert.equal(lower(''), '')
})
