import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchWithin } from '../../../src/response/ssi/bounded-match.ts'

test('a match is what it would be anywhere', () => {
  const found = matchWithin(/(?<first>.)(b)/, 'xab')
  assert.ok(found !== null && found !== 'late')
  assert.deepEqual([found[0], found[2], found.groups?.first], ['ab', 'b', 'a'])
  assert.equal(matchWithin(/c/, 'ab'), null)
})

test('one that would take for ever is given up, and others are matched after it', () => {
  assert.equal(matchWithin(/^(a+)+b/, 'a'.repeat(200)), 'late')
  assert.ok(matchWithin(/a/, 'a') instanceof Object)
})
