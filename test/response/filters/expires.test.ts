import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { applyExpires } from '../../../src/response/filters/expires.ts'
import { answerHead } from '../../support/answer-head.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

/** 12:00:00 where the tests run. */
const NOON = new Date(2024, 4, 10, 12, 0, 0).getTime()

function applied(t: TestContext, line: string, lastModified: number | null = null) {
  t.mock.timers.enable({ apis: ['Date'], now: NOON + 400 })
  const visit = visitOf(factsOf(siteOf(t, `server { expires ${line}; }`)), { target: '/?t=2h&bad=x' })
  const head = answerHead({}, { lastModified })
  applyExpires(visit, head)
  t.mock.timers.reset()
  return [head.headers.get('expires'), head.headers.get('cache-control')]
}

function after(seconds: number): string {
  return new Date(NOON + seconds * 1000).toUTCString()
}

test('a time counts from the answer', t => {
  assert.deepEqual(applied(t, '1h'), [after(3600), 'max-age=3600'])
  assert.deepEqual(applied(t, '0'), [after(0), 'max-age=0'])
  assert.deepEqual(applied(t, '-10'), [after(-10), 'no-cache'])
})

test('or from the last change, where that is known', t => {
  assert.deepEqual(applied(t, 'modified 1h', NOON - 600_000), [after(3000), 'max-age=3000'])
  assert.deepEqual(applied(t, 'modified 1h', NOON - 7_200_000), [after(-3600), 'no-cache'])
  assert.deepEqual(applied(t, 'modified 1h'), [after(3600), 'max-age=3600'])
  assert.deepEqual(applied(t, 'modified -1h', NOON + 7_200_000), [after(3600), 'no-cache'])
})

test('or it is a time of the day, today or tomorrow', t => {
  assert.deepEqual(applied(t, '@13h30m'), [after(5400), 'max-age=5400'])
  assert.deepEqual(applied(t, '@11h'), [after(82_800), 'max-age=82800'])
})

test('one that is computed is nothing where it is no time', t => {
  assert.deepEqual(applied(t, '$arg_t'), [after(7200), 'max-age=7200'])
  assert.deepEqual(applied(t, '$arg_bad'), [undefined, undefined])
  assert.deepEqual(applied(t, '$arg_none'), [undefined, undefined])
})

test('no time is too far for a date', t => {
  assert.deepEqual(applied(t, '99999999d'), ['Fri, 31 Dec 9999 23:59:59 GMT', 'max-age=8639999913600'])
})
