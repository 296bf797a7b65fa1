import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anySaysYes, saysYes } from '../../src/script/predicates.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

test('nothing and a bare 0 say no, all else says yes', () => {
  assert.deepEqual(['', '0', '00', '0.0', ' ', 'no', '1'].map(saysYes), [
    false,
    false,
    true,
    true,
    true,
    true,
    true,
  ])
})

test('one that says yes is enough, and those after it are not worked out', t => {
  const visit = visitOf(factsOf(siteOf(t, 'server {}')))
  const at = { file: '', line: 0 }
  const scripts = (...texts: string[]) => texts.map(text => ({ text, at }))
  visit.args = 'a=0&b=x'
  assert.equal(anySaysYes([], visit), false)
  assert.equal(anySaysYes(scripts('$arg_a', '$arg_missing'), visit), false)
  assert.equal(anySaysYes(scripts('$arg_a', '$arg_b', '$nobody_knows_this'), visit), true)
})
