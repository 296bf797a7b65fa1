import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Ask, checkAccess } from '../../src/access/access.ts'
import { Failure } from '../../src/errors.ts'
import { HeaderList } from '../../src/http1/headers.ts'
import type { Outcome } from '../../src/outcome.ts'
import type { Visit } from '../../src/visit.ts'
import { temporaryFolder } from '../support/owner.ts'
import { type Asked, factsOf, siteOf, visitOf } from '../support/visit.ts'

const basic = (text: string) => ({
  fields: { Authorization: `Basic ${Buffer.from(text).toString('base64')}` },
})
const PASSWORD = 'auth_basic "closed site"; auth_basic_user_file htpasswd;'
const KNOWN = basic('user:password')
const ALLOWED = 'allow 127.0.0.1; deny all;'
const DENIED = 'deny 127.0.0.1;'

interface Rig {
  readonly said: string[]
  visit(asked?: Asked): Visit
  check(asked?: Asked): Promise<string>
}

/** A site with the directives in its one location, and a subrequest that ends with this status. */
function rig(
  t: TestContext,
  directives: string,
  answer: { status: number; fields?: [string, string][] } | null = null,
): Rig {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'htpasswd'), 'user:{PLAIN}password\nnew:$y$j9T$x$y\n')
  const said: string[] = []
  const facts = factsOf(siteOf(t, `server { location / { ${directives} } location /auth { } }`, folder), said)
  const visit = (asked?: Asked) => visitOf(facts, asked)
  const ask: Ask = async uri => {
    assert.equal(uri, '/auth')
    assert.ok(answer !== null, 'nothing is asked')
    const headers = new HeaderList()
    for (const [name, value] of answer.fields ?? []) headers.add(name, value)
    return { status: answer.status, headers, visit: visit({ target: '/auth' }) }
  }
  return { said, visit, check: async asked => shown(await checkAccess(visit(asked), ask)) }
}

function shown(outcome: Outcome): string {
  if (outcome.kind !== 'status') return outcome.kind
  const fields = (outcome.fields ?? []).map(([name, value]) => ` ${name}: ${value}`)
  return `${outcome.status}${fields.join('')}`
}

const UNAUTHORISED = '401 WWW-Authenticate: Basic realm="closed site"'

test('by address', async t => {
  const denied = rig(t, DENIED)
  assert.equal(await denied.check(), '403')
  assert.deepEqual(denied.said, ['error: access forbidden by rule'])
  assert.equal(await rig(t, ALLOWED).check(), 'next')
  assert.equal(await rig(t, '').check(), 'next')
})

test('by password', async t => {
  const { check, said } = rig(t, PASSWORD)
  assert.equal(await check(), UNAUTHORISED)
  assert.equal(await check(KNOWN), 'next')
  assert.equal(await check(basic('user:wrong')), UNAUTHORISED)
  assert.equal(await check(basic('nobody:password')), UNAUTHORISED)
  assert.equal(said[0], 'info: no user/password was provided for basic authentication')
  assert.equal(said[1], 'error: user "user": password mismatch')
  assert.match(said[2]!, /^error: user "nobody" was not found in "\/.*\/htpasswd"$/)
})

test('no password is asked for where the realm is off, or no file is named', async t => {
  assert.equal(await rig(t, 'auth_basic off; auth_basic_user_file htpasswd;').check(), 'next')
  assert.equal(await rig(t, 'auth_basic closed;').check(), 'next')
})

test('a file that is not there lets nobody in, and neither does one that cannot be read', async t => {
  const gone = rig(t, 'auth_basic closed; auth_basic_user_file gone;')
  assert.equal(await gone.check(KNOWN), '403')
  assert.match(gone.said[0]!, /^error: open\(\) "\/.*\/gone" failed \(2: No such file or directory\)$/)
  const folder = rig(t, 'auth_basic closed; auth_basic_user_file .;')
  assert.equal(await folder.check(KNOWN), '500')
  assert.match(folder.said[0]!, /^crit: pread\(\) "\/.*" failed \(21: Is a directory\)$/)
})

test('a password in a format that is not known lets nobody in, and says what to do', async t => {
  const { check, said } = rig(t, PASSWORD)
  assert.equal(await check(basic('new:password')), '500')
  assert.match(
    said[0]!,
    /^crit: user "new" in ".*": passwords of the kind "\$y\$" are not known here; make the line/,
  )
})

test('by a request of our own', async t => {
  const ask = 'auth_request /auth;'
  assert.equal(await rig(t, ask, { status: 204 }).check(), 'next')
  assert.equal(await rig(t, ask, { status: 403 }).check(), '403')
  const fields: [string, string][] = [
    ['WWW-Authenticate', 'Bearer'],
    ['X-Other', 'x'],
  ]
  assert.equal(await rig(t, ask, { status: 401, fields }).check(), '401 WWW-Authenticate: Bearer')
  const odd = rig(t, ask, { status: 404 })
  assert.equal(await odd.check(), '500')
  assert.deepEqual(odd.said, ['error: auth request unexpected status: 404'])
})

test('a request of our own sets variables, whatever it says', async t => {
  const { visit } = rig(t, 'auth_request /auth; auth_request_set $User text;')
  const asking = visit()
  await checkAccess(asking, async () => ({ status: 403, headers: new HeaderList(), visit: visit() }))
  assert.equal(asking.variables.get('user'), 'text')
})

test('all must agree', async t => {
  assert.equal(await rig(t, `${ALLOWED} ${PASSWORD}`).check(), UNAUTHORISED)
  assert.equal(await rig(t, `${DENIED} ${PASSWORD}`).check(KNOWN), '403')
  assert.equal(
    await rig(t, `${ALLOWED} ${PASSWORD} auth_request /auth;`, { status: 403 }).check(KNOWN),
    '403',
  )
  assert.equal(
    await rig(t, `${ALLOWED} ${PASSWORD} auth_request /auth;`, { status: 200 }).check(KNOWN),
    'next',
  )
})

test('or one is enough', async t => {
  const any = `satisfy any; ${PASSWORD}`
  assert.equal(await rig(t, `${any} ${ALLOWED}`).check(), 'next')
  assert.equal(await rig(t, `${any} ${DENIED}`).check(KNOWN), 'next')
  assert.equal(await rig(t, `${any} ${DENIED}`).check(), UNAUTHORISED)
  assert.equal(await rig(t, `${any} auth_request /auth;`, { status: 403 }).check(), UNAUTHORISED)
  assert.equal(await rig(t, `${any} auth_request /auth;`, { status: 200 }).check(), 'next')
  assert.equal(await rig(t, `${any} auth_request /auth;`, { status: 500 }).check(), '500')
  const forbidden = rig(t, `satisfy any; ${DENIED} auth_request /auth;`, { status: 403 })
  assert.equal(await forbidden.check(), '403')
  assert.deepEqual(forbidden.said, ['error: access forbidden by rule'])
})

test('a request of our own is not asked for a password', async t => {
  const { visit } = rig(t, `${DENIED} ${PASSWORD}`)
  const own = Object.assign(visit(), { parent: visit() })
  assert.equal(shown(await checkAccess(own, () => assert.fail())), 'next')
})

test('auth_delay: whoever has no password waits for the answer, unless it leaves', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { visit, said } = rig(t, `${PASSWORD} auth_delay 1s;`)
  const answers: string[] = []
  const check = async (each: Visit) => answers.push(shown(await checkAccess(each, () => assert.fail())))
  const [stays, leaves] = [visit(), visit()]
  const both = [check(stays), check(leaves)]
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(said.at(-1), 'info: delaying unauthorized request')
  leaves.exchange.leave(new Failure('client_left', ''))
  await both[1]
  t.mock.timers.tick(999)
  assert.deepEqual(answers, ['close'])
  t.mock.timers.tick(1)
  await both[0]
  assert.deepEqual(answers, ['close', UNAUTHORISED])
})
