import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { giveUserId } from '../../../src/response/filters/user-id.ts'
import { answerHead, linesOf } from '../../support/answer-head.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

/** Of the same id each time, as it lacks the mark. */
function given(t: TestContext, lines: string): string[] {
  const facts = factsOf(siteOf(t, `server { userid on; userid_mark 9; ${lines} location / { } }`))
  const head = answerHead()
  giveUserId(visitOf(facts, { fields: { Cookie: 'uid=fwAAAWpjTIkDAwMCAgMDAw==' } }), head)
  return linesOf(head.headers)
}

const COOKIE = 'Set-Cookie: uid=fwAAAWpjTIkDAwMCAgMDAw9='

test('a cookie says what the file says of it', t => {
  assert.deepEqual(given(t, ''), [`${COOKIE}; path=/`])
  assert.deepEqual(given(t, 'userid_domain a.test; userid_path /x; userid_flags secure httponly;'), [
    `${COOKIE}; domain=a.test; path=/x; secure; httponly`,
  ])
  assert.deepEqual(given(t, 'userid_expires max; userid_p3p "CP=x";'), [
    `${COOKIE}; expires=Thu, 31-Dec-37 23:55:55 GMT; path=/`,
    'P3P: CP=x',
  ])
})

test('a date is written as Netscape wrote it', t => {
  const soon = given(t, 'userid_expires 100;')[0]!
  const [, day, time] = /expires=\w{3}, (\d\d-\w{3}-)\d\d ([\d:]{8}) GMT/.exec(soon)!
  const year = new Date(Date.now() + 100_000).getUTCFullYear()
  const ahead = Date.parse(`${day!.replaceAll('-', ' ')}${year} ${time} GMT`) - Date.now()
  assert.ok(ahead > 90_000 && ahead < 101_000, soon)
  assert.match(given(t, 'userid_expires 60y;')[0]!, /-\w{3}-20\d\d /)
})

test('who has a good cookie gets none, nor does what was asked for another request', t => {
  const facts = factsOf(siteOf(t, 'server { userid on; location / { } }'))
  const head = answerHead()
  giveUserId(visitOf(facts, { fields: { Cookie: 'uid=fwAAAWpjTIkDAwMCAgMDAw==' } }), head)
  assert.deepEqual(linesOf(head.headers), [])
  const visit = visitOf(facts)
  Object.assign(visit, { parent: visitOf(facts) })
  giveUserId(visit, head)
  assert.deepEqual(linesOf(head.headers), [])
})
