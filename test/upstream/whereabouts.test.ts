import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '../../src/clock.ts'
import { USUAL_TERMS } from '../../src/upstream/balance/standing.ts'
import type { Found, Place } from '../../src/upstream/names.ts'
import { Upstream } from '../../src/upstream/upstream.ts'
import { type Member, Whereabouts, type WhereaboutsOptions } from '../../src/upstream/whereabouts.ts'

interface Rig {
  readonly whereabouts: Whereabouts
  readonly all: Upstream[]
  /** Of each lookup, whether it brought more. */
  readonly changes: boolean[]
}

function rigOf(member: Member, more: Omit<WhereaboutsOptions, 'upstreams'> = {}): Rig {
  const all: Upstream[] = []
  const changes: boolean[] = []
  const events = { down: () => {}, up: () => {} }
  const whereabouts = new Whereabouts(
    { upstreams: [member], ...more },
    {
      add: ({ name, endpoint }, membership) => {
        const upstream = new Upstream(name, endpoint, events, membership)
        all.push(upstream)
        return upstream
      },
      remove: upstream => void all.splice(all.indexOf(upstream), 1),
      changed: grown => changes.push(grown),
    },
  )
  return { whereabouts, all, changes }
}

function at(port: number, host: string): Member {
  return { name: `${host}:${port}`, address: { kind: 'tcp', host, port } }
}

const MEMBERSHIP = { server: 'app.test', terms: USUAL_TERMS, withdrawn: false, rank: 0, label: null }

test('localhost is looked up by nobody and counts once', async () => {
  const lookUp = () => assert.fail('it was looked up')
  const { whereabouts, all } = rigOf(at(8000, 'localhost'), { lookUp })
  await whereabouts.start()
  await whereabouts.tick(now() + 3_600_000)
  assert.deepEqual(
    all.map(({ name, endpoint }) => [name, endpoint]),
    [['localhost:8000', { host: '127.0.0.1', port: 8000 }]],
  )
})

test('servers of a service have what their records say; one of which they say otherwise begins anew', async () => {
  const service = (weight: number): Place[] =>
    ['a', 'b'].map((server, i) => ({
      name: `web (${server})`,
      endpoint: { host: '127.0.0.1', port: 8000 + i },
      told: { server, weight, first: i === 0 },
    }))
  let places = service(5)
  const member = { ...at(80, 'app.test'), membership: MEMBERSHIP, service: 'http' }
  const { whereabouts, all } = rigOf(member, { lookUp: async () => ({ places, goodForMs: 1_000 }) })
  await whereabouts.start()
  const said = () => all.map(({ membership: { server, terms } }) => [server, terms.weight, terms.backup])
  assert.deepEqual(said(), [
    ['a', 5, false],
    ['b', 5, true],
  ])
  const [first] = all
  places = service(6).slice(0, 1)
  await whereabouts.tick(now() + 2_000)
  assert.deepEqual(said(), [['a', 6, false]])
  assert.notEqual(all[0], first)
})

test('an answer is good for its time; the last one is kept when there is no other', async () => {
  let found: Found | string = {
    places: [{ name: 'app.test', endpoint: { host: '192.0.2.1', port: 80 } }],
    goodForMs: 1_000,
  }
  let asked = 0
  const lookUp = async () => {
    asked++
    return found
  }
  const { whereabouts, all, changes } = rigOf(at(80, 'app.test'), { lookUp })
  await whereabouts.start()
  const [first] = all
  await whereabouts.tick(now())
  assert.equal(asked, 1)
  found = 'ESERVFAIL'
  await whereabouts.tick(now() + 2_000)
  assert.equal(asked, 2)
  assert.deepEqual([all, changes], [[first], [true]])
  assert.deepEqual([...whereabouts.names], [['app.test', ['192.0.2.1']]])
})

test('where a name led before stands in for an answer that does not come', async () => {
  const formerly = new Map([['app.test', ['192.0.2.7']]])
  const { whereabouts, all } = rigOf(at(80, 'app.test'), { lookUp: async () => 'ETIMEOUT', formerly })
  await whereabouts.start()
  assert.deepEqual(
    all.map(({ endpoint }) => endpoint),
    [{ host: '192.0.2.7', port: 80 }],
  )
})
