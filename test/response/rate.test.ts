import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Rate, rateOf } from '../../src/response/rate.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

const START = 5_000

test('each second from the first byte on lets go as much at once', () => {
  const rate = new Rate(1000, 0)
  assert.equal(rate.allowed(START), 1000)
  rate.took(300)
  assert.equal(rate.allowed(START + 10), 700)
  rate.took(700)
  assert.equal(rate.allowed(START + 999), 0)
  assert.equal(rate.nextAt, START + 1000)
  assert.equal(rate.allowed(START + 1000), 1000)
})

test('what a second did not use is lost', () => {
  const rate = new Rate(1000, 0)
  rate.allowed(START)
  assert.equal(rate.allowed(START + 10_500), 1000)
  rate.took(1000)
  assert.equal(rate.nextAt, START + 11_000)
})

test('the first bytes are free', () => {
  const rate = new Rate(1000, 300)
  assert.equal(rate.allowed(START), 1300)
  rate.took(200)
  assert.equal(rate.allowed(START), 1100)
  rate.took(1100)
  assert.equal(rate.allowed(START), 0)
  assert.equal(rate.allowed(START + 1000), 1000)
})

/** How many bytes may go at once. */
function atOnce(
  t: TestContext,
  lines: string,
  said: string[] = [],
  asked: number | null = null,
): number | null {
  const visit = visitOf(factsOf(siteOf(t, `server { location / { ${lines} } }`), said), {
    target: '/?r=2k&bad=x',
  })
  visit.limitRate = asked
  return rateOf(visit)?.allowed(START) ?? null
}

test('what the app or a variable says goes before the file', t => {
  assert.equal(atOnce(t, ''), null)
  assert.equal(atOnce(t, 'limit_rate 1k;'), 1024)
  assert.equal(atOnce(t, 'limit_rate 1k; limit_rate_after 1;'), 1025)
  assert.equal(atOnce(t, 'limit_rate $arg_r;'), 2048)
  assert.equal(atOnce(t, 'limit_rate 1k;', [], 10), 10)
  assert.equal(atOnce(t, 'limit_rate 1k;', [], 0), null)
})

test('what is no size limits nothing, and is told', t => {
  const said: string[] = []
  assert.equal(atOnce(t, 'limit_rate $arg_bad;', said), null)
  assert.deepEqual(said, ['error: invalid size "x"'])
})
