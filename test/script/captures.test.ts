import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forgetCaptures, noteCaptures } from '../../src/script/captures.ts'
import { compilePattern } from '../../src/script/regex.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

test('numbered groups replace those before, named ones stay as variables', t => {
  const visit = visitOf(factsOf(siteOf(t, 'server {}')))
  noteCaptures(visit, compilePattern('^/(?<First>a)(?<second>b)?(c)', false).exec('/ac')!)
  assert.deepEqual([...visit.captures], ['/ac', 'a', undefined, 'c'])
  assert.deepEqual(
    [...visit.variables],
    [
      ['first', 'a'],
      ['second', ''],
    ],
  )
  noteCaptures(visit, /x/.exec('x')!)
  assert.equal(visit.captures[1], undefined)
  assert.equal(visit.variables.get('first'), 'a')
  forgetCaptures(visit)
  assert.equal(visit.captures[0], undefined)
  assert.equal(visit.variables.get('first'), 'a')
})
