import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchWithin } from '../../../src/response/ssi/bounded-match.ts'

test('a match is what it would be anywhere', () => {
  const found = matchWithin(/(?<first>.)(b)/, 'xab', { patience: 100 })
  assert.ok(found !== null && found !== 'late')
  assert.deepEqual([found[0], found[2], found.groups?.first], ['ab', 'b', 'a'])
  assert.equal(matchWithin(/c/, 'ab', { patience: 100 }), null)
})

test('one that would take for ever is given up, and others are matched after it', () => {
  const budget = { patience: 100 }
  assert.equal(matchWithin(/^(a+)+b/, 'a'.repeat(200), budget), 'late')
  assert.equal(matchWithin(/a/, 'a', budget), 'late')
  assert.ok(matchWithin(/a/, 'a', { patience: 100 }) instanceof Object)
})

test('many that take long, each less than is given up, have one time between them', () => {
  const budget = { patience: 100 }
  const found = Array.from({ length: 1000 }, () => matchWithin(/^(a+)+b/, 'a'.repeat(18), budget))
  assert.deepEqual([found[0], found.at(-1)], [null, 'late'])
})
