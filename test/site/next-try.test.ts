import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Failure } from '../../src/errors.ts'
import type { UpstreamGroup } from '../../src/house.ts'
import { NextTry } from '../../src/site/next-try.ts'
import type { Attempt } from '../../src/upstream/retry.ts'
import type { Upstream } from '../../src/upstream/upstream.ts'
import type { Visit } from '../../src/visit.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

interface Rig {
  readonly next: NextTry
  readonly visit: Visit
  /** Gives the request to the address of that name. */
  begin(name: string): Upstream
  /** What each address was told, as `name well` or `name badly`. */
  readonly went: string[]
}

/** A request at a place with these directives, whose group has so many addresses. */
function rig(t: TestContext, directives: string, { hold = 0, addresses = 3, method = 'GET' } = {}): Rig {
  const visit = visitOf(factsOf(siteOf(t, `server { ${directives} }`)), { method })
  const group = {
    hold,
    workerTimeout: null,
    config: {},
    left: (tried: readonly string[] | null) => addresses - (tried?.length ?? 0),
  } as unknown as UpstreamGroup
  const next = new NextTry(visit, group)
  const went: string[] = []
  const begin = (name: string): Upstream => {
    const upstream = { name, went: (well: boolean) => went.push(`${name} ${well ? 'well' : 'badly'}`) }
    next.begin(upstream as unknown as Upstream)
    return upstream as unknown as Upstream
  }
  return { next, visit, begin, went }
}

/** A try that the worker ended without a byte of an answer; or as is said. */
function attempt(more: Partial<Attempt> = {}): Attempt {
  const failure = new Failure('worker_lost', 'it closed')
  const usual = {
    nothingSent: false,
    ageMs: 10,
    silent: true,
    timedOut: false,
    full: false,
    resendable: true,
  }
  return { failure, ...usual, ...more }
}

const refused = attempt({ failure: new Failure('upstream_down', 'refused'), nothingSent: true })

test('a status that the file names is passed over as long as there is another address', t => {
  const { next, visit, begin, went } = rig(t, 'proxy_next_upstream error http_503;', { addresses: 2 })
  assert.equal(next.passesOver(503, begin('a'), true), true)
  assert.equal(next.follows(visit.exchange, attempt(), false), true)
  assert.equal(next.passesOver(503, begin('b'), true), false, 'none is left: it is the answer')
  assert.deepEqual(went, ['a badly', 'b well'])
})

test('one that it does not name is the answer, and speaks for its address', t => {
  const { next, begin, went } = rig(t, '')
  assert.equal(next.passesOver(503, begin('a'), true), false)
  assert.equal(next.passesOver(200, begin('a'), true), false)
  assert.deepEqual(went, ['a well', 'a well'])
})

test('a status that is passed over for what it asks for does not count against its address', t => {
  const { next, begin, went } = rig(t, 'proxy_next_upstream http_404;')
  assert.equal(next.passesOver(404, begin('a'), true), true)
  assert.deepEqual(went, ['a well'])
})

test('a POST that may have been worked on is not sent twice, unless the file says so', t => {
  const careful = rig(t, '', { method: 'POST' })
  careful.begin('a')
  assert.equal(careful.next.follows(careful.visit.exchange, attempt(), false), false)
  const careless = rig(t, 'proxy_next_upstream error non_idempotent;', { method: 'POST' })
  careless.begin('a')
  assert.equal(careless.next.follows(careless.visit.exchange, attempt(), false), true)
  assert.deepEqual([...careful.went, ...careless.went], ['a badly', 'a badly'])
})

test('where requests are held, a refusal is waited out; else the limits of the file hold', t => {
  const held = rig(t, 'proxy_next_upstream_tries 1;', { hold: 30_000 })
  held.begin('a')
  assert.equal(held.next.follows(held.visit.exchange, refused, false), true)
  assert.equal(
    held.next.follows(held.visit.exchange, refused, true),
    false,
    'there is something to give instead',
  )
  const limited = rig(t, 'proxy_next_upstream_tries 1;')
  limited.begin('a')
  assert.equal(limited.next.follows(limited.visit.exchange, refused, false), false)
  assert.equal(limited.next.failed, refused.failure)
})

test('one that comes to the same address for the second time has no other', t => {
  const { next, visit, begin } = rig(t, '', { addresses: 9 })
  begin('a')
  assert.equal(next.follows(visit.exchange, refused, false), true)
  begin('a')
  assert.equal(next.follows(visit.exchange, refused, false), false)
})
