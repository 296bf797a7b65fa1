import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { holds } from '../../../src/response/ssi/condition.ts'
import { PageState } from '../../../src/response/ssi/page-state.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

function asked(t: TestContext) {
  const state = new PageState(visitOf(factsOf(siteOf(t, 'server { location / { } }')), { target: '/?a=bc' }))
  const problems: string[] = []
  return {
    state,
    problems,
    ask: (expression: string) => holds(state, expression, text => void problems.push(text)),
  }
}

test('a text is there, is another, or matches', t => {
  const { ask } = asked(t)
  const yes = [
    '$arg_a',
    '$arg_a = bc',
    '$arg_a=bc',
    '$arg_a != b',
    '$arg_a = /^b/',
    '$arg_a != /x/',
    '=',
    '$arg_b =',
    'ABC=abc',
    "'a' = 'a'",
    '$ARG_A=bc',
  ]
  for (const expression of yes) assert.equal(ask(expression), true, expression)
  for (const expression of [
    '',
    '$arg_b',
    '$arg_a = b',
    'abc=ABC',
    '$arg_a = /',
    '$arg_a != bc',
    '$arg_a = /^B/',
    '$arg_a != /c\\b/',
  ])
    assert.equal(ask(expression), false, expression)
})

test('what an expression captured is there for what follows', t => {
  const { ask, state } = asked(t)
  assert.equal(ask('$arg_a = /(?<first>.)(.)/'), true)
  assert.deepEqual(
    ['0', '1', '2', '3', 'first'].map(name => state.variable(name)),
    ['bc', 'b', 'c', null, 'b'],
  )
  assert.equal(ask('$arg_a = /(x)?(b)|(y)/'), true)
  assert.deepEqual(
    ['1', '2', '3'].map(name => state.variable(name)),
    ['', 'b', null],
  )
})

test('what cannot be read is told', t => {
  const { ask, problems } = asked(t)
  for (const expression of [
    'a b',
    'a-b',
    '$ = x',
    '$arg_a = /x',
    '$arg_a = /c$/',
    '$arg_a = /$arg_a/',
    '$arg_a = $',
  ])
    assert.equal(ask(expression), null, expression)
  assert.equal(ask('$arg_a = /(/'), null)
  assert.equal(problems.length, 8)
  assert.equal(problems[0], 'invalid expression in "a b"')
})

test('an expression that takes too long is the last one of its answer', t => {
  const { ask, problems, state } = asked(t)
  state.set('long', 'a'.repeat(200))
  assert.equal(ask('$long = /^(a+)+b/'), null)
  assert.equal(ask('$long = /a/'), null)
  assert.deepEqual(problems, ['the expression "^(a+)+b" takes too long', 'the expression "a" takes too long'])
})
