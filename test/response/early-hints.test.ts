import assert from 'node:assert/strict'
import { test } from 'node:test'
import { passesHints } from '../../src/response/early-hints.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

for (const [directive, target, passed] of [
  ['', '/', true],
  ['early_hints 1;', '/', true],
  ['early_hints 0;', '/', false],
  ['early_hints $arg_a $arg_b;', '/', false],
  ['early_hints $arg_a $arg_b;', '/?a=0&b=', false],
  ['early_hints $arg_a $arg_b;', '/?a=0&b=no', true],
] as const) {
  test(`hints with ${directive === '' ? 'nothing said' : directive} for ${target}: ${passed}`, t => {
    const facts = factsOf(siteOf(t, `${directive} server { }`))
    assert.equal(passesHints(visitOf(facts, { target })), passed)
  })
}
