import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problems, siteOf } from '../reading.ts'

test('each word is inherited by itself', t => {
  const { servers } = siteOf(
    t,
    `userid v1; userid_name id; userid_service 65534; userid_mark t; userid_expires 1h;
    server { userid_domain a.test; userid_flags samesite=lax Secure;
      location / { userid on; userid_domain none; userid_expires max; userid_mark off; userid_flags off; userid_p3p x; } }`,
  )
  const { settings, locations } = servers[0]!
  const { userid, useridName, useridService, useridMark, useridExpires, useridDomain, useridFlags } = settings
  assert.deepEqual(
    [userid, useridName, useridService, useridMark, useridExpires],
    ['v1', 'id', 65534, 't', 3600],
  )
  assert.deepEqual([useridDomain, useridFlags], ['a.test', '; secure; samesite=lax'])
  const inner = locations[0]!.settings
  assert.deepEqual([inner.userid, inner.useridName, inner.useridDomain], ['on', 'id', ''])
  assert.deepEqual([inner.useridExpires, inner.useridMark, inner.useridFlags], ['max', '', ''])
  assert.equal(inner.useridP3p, 'x')
})

test('what is wrong is said in nginx’s words', t => {
  const wrong = {
    'userid yes;': 'invalid value "yes"',
    'userid_mark ab;': '"userid_mark" directive value must be "off" or a single letter, digit or "="',
    'userid_expires never;': '"userid_expires" directive invalid value',
    'userid_expires 70y;': '"userid_expires" directive value must be less than 68 years',
    'userid_service x;': '"userid_service" directive invalid number',
    'userid_flags loose;': 'invalid value "loose"',
  }
  for (const [line, problem] of Object.entries(wrong))
    assert.deepEqual(problems(t, `${line} server { }`), [problem], line)
})
