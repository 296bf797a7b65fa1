import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { userIdOf, writtenId } from '../../src/script/user-id.ts'
import type { ConnectionFacts, Visit } from '../../src/visit.ts'
import { type Asked, factsOf, siteOf, visitOf } from '../support/visit.ts'

/** An id as another server gave it: 127.0.0.1 in 2026. */
const BROUGHT = 'fwAAAWpjTIkDAwMCAgMDAw=='
const WRITTEN = 'uid=0100007F894C636A0203030303030302'

function visitIn(t: TestContext, lines: string, asked: Asked = {}, said: string[] = []): Visit {
  return visitOf(factsOf(siteOf(t, `server { ${lines} location / { } }`), said), asked)
}

const bringing = (cookie: string): Asked => ({ fields: { Cookie: `a=b; uid=${cookie}` } })

test('nothing is read or given where it is off, and nothing given where it is only logged', t => {
  assert.deepEqual(userIdOf(visitIn(t, '', bringing(BROUGHT))), { got: null, given: null, cookie: null })
  const logged = visitIn(t, 'userid log;', bringing(BROUGHT))
  const { got, given, cookie } = userIdOf(logged)
  assert.equal(writtenId(logged, got!), WRITTEN)
  assert.deepEqual([given, cookie], [null, null])
  assert.equal(userIdOf(visitIn(t, 'userid log;')).cookie, null)
})

test('who brings none is given one, and no two the same', t => {
  const ids = [1, 2, 3].map(() => userIdOf(visitIn(t, 'userid on;')))
  for (const { got, given, cookie } of ids) {
    assert.equal(got, null)
    assert.deepEqual([...given!.subarray(0, 4)], [127, 0, 0, 1])
    const age = Date.now() / 1000 - given!.readUInt32BE(4)
    assert.ok(age >= 0 && age < 60, `${age}`)
    assert.equal(cookie, given!.toString('base64'))
  }
  assert.equal(new Set(ids.map(({ cookie }) => cookie)).size, 3)
  const visit = visitIn(t, 'userid on;')
  assert.equal(userIdOf(visit), userIdOf(visit))
})

test('an id begins with who gave it', t => {
  const first = (lines: string, connection: Partial<ConnectionFacts> = {}) =>
    userIdOf(visitIn(t, lines, { connection })).given!.toString('hex', 0, 4)
  assert.equal(first('userid on;', { localAddress: '192.0.2.7' }), 'c0000207')
  assert.equal(first('userid on;', { localAddress: '2001:db8::12:3456' }), '00123456')
  assert.equal(first('userid on;', { localAddress: '::1' }), '00000001')
  assert.equal(first('userid on;', { localAddress: '2001:db8::' }), '00000000')
  assert.equal(first('userid on;', { localAddress: '::ffff:10.0.0.1' }), '0a000001')
  assert.equal(first('userid on;', { localAddress: 'unix:/a/socket' }), '00000000')
  assert.equal(first('userid on; userid_service 65534;'), '0000fffe')
  assert.equal(first('userid v1;'), '00000000')
  assert.equal(first('userid v1; userid_service 65534;'), 'feff0000')
})

test('a cookie without the mark is given anew, the id the same', t => {
  const given = (cookie: string) => userIdOf(visitIn(t, 'userid on; userid_mark t;', bringing(cookie))).cookie
  assert.equal(given(BROUGHT), 'fwAAAWpjTIkDAwMCAgMDAwt=')
  assert.equal(given('fwAAAWpjTIkDAwMCAgMDAwt='), null)
  assert.equal(given('fwAAAWpjTIkDAwMCAgMDAw9='), 'fwAAAWpjTIkDAwMCAgMDAwt=')
  assert.match(given('')!, /^[\w+/]{22}t=$/)
})

test('what is no id is told in the error log, and another one given', t => {
  for (const [cookie, problem] of [
    ['short', 'too short'],
    ['!!!!!!!!!!!!!!!!!!!!!!!!', 'invalid'],
  ]) {
    const said: string[] = []
    const { got, given } = userIdOf(visitIn(t, 'userid on;', bringing(cookie!), said))
    assert.deepEqual([got, given === null], [null, false])
    assert.deepEqual(said, [`error: client sent ${problem} userid cookie "${cookie}"`])
  }
  assert.equal(userIdOf(visitIn(t, 'userid on;', bringing('AAAAAAAAAAAAAAAAAAAAAA=='))).got, null)
})

test('$uid_reset has it given anew', t => {
  const reset = (value: string, said: string[] = []) => {
    const site = siteOf(t, `map "" $uid_reset { default "${value}"; } server { userid on; location / { } }`)
    return userIdOf(visitOf(factsOf(site, said), bringing(BROUGHT))).given
  }
  for (const no of ['', '0']) assert.equal(reset(no), null, no)
  assert.notEqual(reset('1'), null)
  const said: string[] = []
  assert.notEqual(reset('log', said), null)
  assert.deepEqual(said, [`notice: userid cookie "${WRITTEN}" was reset`])
})
