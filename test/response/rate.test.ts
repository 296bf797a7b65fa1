import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Rate, rateOf } from '../../src/response/rate.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

const SINCE = 5_000

test('the first second lets go what a whole one does, and each further one as much', () => {
  const rate = new Rate(1000, 0, SINCE)
  assert.equal(rate.allowed(SINCE), 1000)
  rate.took(1000, SINCE)
  assert.equal(rate.allowed(SINCE + 10), 0)
  assert.equal(rate.nextAt(SINCE + 10), SINCE + 1000)
  assert.equal(rate.allowed(SINCE + 999), 0)
  assert.equal(rate.allowed(SINCE + 1000), 1000)
})

test('what was sent takes its time, though more were due', () => {
  const rate = new Rate(1000, 0, SINCE)
  assert.equal(rate.allowed(SINCE + 10_000), 11_000)
  rate.took(500, SINCE + 10_000)
  assert.equal(rate.allowed(SINCE + 10_499), 0)
  assert.equal(rate.allowed(SINCE + 10_500), 10_500)
})

test('the first bytes are free', () => {
  const rate = new Rate(1000, 300, SINCE)
  assert.equal(rate.allowed(SINCE), 1300)
  rate.took(200, SINCE)
  assert.equal(rate.allowed(SINCE), 1100)
  rate.took(1100, SINCE)
  assert.equal(rate.allowed(SINCE), 0)
  assert.equal(rate.nextAt(SINCE), SINCE + 1000)
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
  return rateOf(visit)?.allowed(visit.exchange.startedAt) ?? null
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
