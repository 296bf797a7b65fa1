import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Entered, Limits } from '../../src/access/limits.ts'
import { Failure } from '../../src/errors.ts'
import type { Visit } from '../../src/visit.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

const ZONES = `
  limit_req_zone key zone=one:1m rate=2r/s;
  limit_req_zone key zone=two:1m rate=1r/s;
  limit_conn_zone key zone=conn:1m;
`

/** A site with the directives in its one location, a clock to set, and what was said. */
function rig(t: TestContext, directives: string) {
  const said: string[] = []
  const clock = { now: 1_000 }
  const site = siteOf(t, `${ZONES} server { location / { ${directives} } }`)
  const facts = factsOf(site, said)
  const limits = new Limits(site.zones, null, undefined, () => clock.now)
  const enter = (visit: Visit = visitOf(facts)) => limits.enter(visit)
  return { said, clock, site, facts, limits, enter }
}

/** In short what came of it. */
function shown(entered: Entered | Promise<Entered>): string {
  if (entered instanceof Promise) return 'later'
  const { outcome } = entered
  return outcome.kind === 'status' ? String(outcome.status) : outcome.kind
}

test('without limits nothing is counted', t => {
  const { enter, said } = rig(t, '')
  for (let at = 0; at < 5; at++) assert.equal(shown(enter()), 'next')
  assert.deepEqual(said, [])
})

test('beyond the rate and the burst requests are refused', t => {
  const { enter, clock, said } = rig(t, 'limit_req zone=one burst=1 nodelay; limit_req_status 429;')
  assert.deepEqual([enter(), enter(), enter()].map(shown), ['next', 'next', '429'])
  assert.deepEqual(said, ['error: limiting requests, excess: 2.000 by zone "one"'])
  clock.now += 499
  assert.equal(shown(enter()), '429')
  assert.equal(said.at(-1), 'error: limiting requests, excess: 1.002 by zone "one"')
  clock.now += 1
  assert.equal(shown(enter()), 'next')
})

test('requests within the burst wait their turn', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { enter, facts, said } = rig(t, 'limit_req zone=one burst=2;')
  enter()
  const visits = [visitOf(facts), visitOf(facts)]
  const entered = visits.map(visit => enter(visit) as Promise<Entered>)
  assert.deepEqual(said, [
    'warn: delaying request, excess: 1.000, by zone "one"',
    'warn: delaying request, excess: 2.000, by zone "one"',
  ])
  const done: number[] = []
  for (const [at, each] of entered.entries()) void each.then(() => done.push(at))
  t.mock.timers.tick(500)
  await entered[0]
  assert.deepEqual(done, [0])
  t.mock.timers.tick(500)
  assert.equal(shown(await entered[1]!), 'next')
  assert.deepEqual(
    visits.map(visit => visit.limitStatus.requests),
    ['DELAYED', 'DELAYED'],
  )
})

test('with delay= only what goes beyond it waits', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { enter } = rig(t, 'limit_req zone=one burst=3 delay=2;')
  assert.deepEqual([enter(), enter(), enter(), enter(), enter()].map(shown), [
    'next',
    'next',
    'next',
    'later',
    '503',
  ])
})

test('a client that leaves does not wait on', async t => {
  const { enter, facts } = rig(t, 'limit_req zone=one burst=2; limit_conn conn 1;')
  enter()
  const visit = visitOf(facts)
  const entered = enter(visit)
  visit.exchange.leave(new Failure('client_left', ''))
  assert.equal(shown(await entered), 'close')
})

test('of several limits all must let it pass, or it counts with none', t => {
  const { enter, clock, said } = rig(t, 'limit_req zone=one nodelay; limit_req zone=two nodelay;')
  assert.equal(shown(enter()), 'next')
  clock.now += 500
  assert.equal(shown(enter()), '503')
  assert.match(said[0]!, /excess: 0.500 by zone "two"/)
  clock.now += 500
  assert.equal(shown(enter()), 'next')
})

test('of several delays the longest holds', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { enter, said } = rig(
    t,
    'limit_req zone=one burst=9; limit_req zone=two burst=9; limit_req_log_level notice;',
  )
  enter()
  assert.equal(shown(enter()), 'later')
  assert.deepEqual(said, ['info: delaying request, excess: 1.000, by zone "two"'])
})

test('a dry run only says what it would do', t => {
  const { enter, facts, said } = rig(
    t,
    'limit_req zone=one; limit_req_dry_run on; limit_conn conn 1; limit_conn_dry_run on;',
  )
  enter()
  const visit = visitOf(facts)
  assert.equal(shown(enter(visit)), 'next')
  assert.deepEqual(visit.limitStatus, { requests: 'REJECTED_DRY_RUN', connections: 'REJECTED_DRY_RUN' })
  assert.deepEqual(said, [
    'error: limiting requests, dry run, excess: 1.000 by zone "one"',
    'error: limiting connections, dry run, by zone "conn"',
  ])
})

test('an empty key is not counted, and one that is too long is pointed out', t => {
  const { limits, facts, said } = rig(t, 'limit_req zone=one; limit_conn conn 1;')
  const keyed = (key: string) => {
    const visit = visitOf({ ...facts, text: () => ({ constant: key, of: () => key }) })
    return shown(limits.enter(visit))
  }
  assert.deepEqual([keyed(''), keyed('')], ['next', 'next'])
  assert.equal(keyed('x'.repeat(70_000)), 'next')
  assert.match(said[0]!, /^error: the value of the "key" key is more than 65535 bytes: "xxx/)
  assert.match(said[1]!, /^error: the value of the "key" key is more than 255 bytes: "xxx/)
})

test('a request is counted once, wherever it goes', t => {
  const { enter, facts } = rig(t, 'limit_req zone=one; limit_conn conn 1;')
  const visit = visitOf(facts)
  const first = enter(visit)
  assert.equal(shown(enter(visit)), 'next')
  assert.deepEqual(visit.limitStatus, { requests: 'PASSED', connections: 'PASSED' })
  assert.equal(shown(first), 'next')
})

test('as many at once as limit_conn allows, until one is given back', t => {
  const { enter, said } = rig(t, 'limit_conn conn 2; limit_conn_status 429; limit_conn_log_level warn;')
  const [first] = [enter() as Entered, enter()]
  assert.equal(shown(enter()), '429')
  assert.deepEqual(said, ['warn: limiting connections by zone "conn"'])
  first.release()
  first.release()
  assert.deepEqual([enter(), enter()].map(shown), ['next', '429'])
})

test('after the file was read again a zone goes on counting, unless it has changed', t => {
  const { site, facts, enter, limits } = rig(t, 'limit_req zone=one;')
  const again = (zones: typeof site.zones) =>
    shown(new Limits(zones, limits, undefined, () => 1_000).enter(visitOf(facts)))
  assert.equal(shown(enter()), 'next')
  assert.equal(again(site.zones), '503')
  assert.equal(again(site.zones.map(zone => ({ ...zone, size: zone.size * 2 }))), 'next')
})

test('threads that are given the same memories hold to one limit', t => {
  const { site, facts, enter, limits } = rig(t, 'limit_req zone=one;')
  assert.equal(shown(enter()), 'next')
  const other = new Limits(site.zones, null, structuredClone(limits.memories), () => 1_000)
  assert.equal(shown(other.enter(visitOf(facts))), '503')
})
