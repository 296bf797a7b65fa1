import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../src/errors.ts'
import { Connections } from '../../src/listen/connections.ts'
import type { EdgeConnection } from '../../src/listen/edge-connection.ts'

interface Stub {
  name: string
  peer: string
  state: EdgeConnection['state']
  served: number
  idleSince: number
  waitingSince: number
}

/** Connections of which only what the choice depends on is there; closing one takes it out, as it really does. */
function houseOf(limit: number, stubs: (Partial<Stub> & { name: string })[]) {
  const connections = new Connections(limit)
  const ended: string[] = []
  const told: string[] = []
  for (const given of stubs) {
    const stub = { peer: given.name, state: 'idle', served: 1, idleSince: 0, waitingSince: 0, ...given }
    const end = (how: string) => () => {
      ended.push(`${how} ${stub.name}`)
      connections.delete(edge)
    }
    const interrupt = (failure: Failure) => told.push(`${stub.name} ${failure.code}`)
    const outlet = { exchange: { interrupt } }
    const edge = { ...stub, outlet, cut: end('cut'), expired: end('expired') } as unknown as EdgeConnection
    connections.add(edge)
  }
  return { connections, ended, told }
}

test('those that never sent a request go first, then those of whoever holds most, the longest idle first', () => {
  const { connections, ended } = houseOf(100, [
    { name: 'one of two, newer', peer: 'b', idleSince: 8 },
    { name: 'one of three, newest', peer: 'c', idleSince: 9 },
    { name: 'alone, oldest of all', peer: 'a', idleSince: 1 },
    { name: 'one of three, older', peer: 'c', idleSince: 6 },
    { name: 'never asked, newer', peer: 'd', served: 0, idleSince: 20 },
    { name: 'one of two, older', peer: 'b', idleSince: 2 },
    { name: 'never asked, older', peer: 'e', served: 0, idleSince: 10 },
    { name: 'one of three, busy', peer: 'c', state: 'busy' },
  ])
  assert.equal(connections.closeIdle(7), 7)
  assert.deepEqual(ended, [
    'cut never asked, older',
    'cut never asked, newer',
    'cut one of three, older',
    'cut one of three, newest',
    'cut one of two, older',
    'cut one of two, newer',
    'cut alone, oldest of all',
  ])
})

test('only as many are closed as are wanted, and as there are', () => {
  const { connections, ended } = houseOf(100, [{ name: 'a' }, { name: 'b' }, { name: 'c', state: 'busy' }])
  assert.equal(connections.closeIdle(1), 1)
  assert.equal(ended.length, 1)
  assert.equal(connections.closeIdle(5), 1)
  assert.equal(connections.closeIdle(5), 0)
  assert.deepEqual(connections.count(), { idle: 0, active: 1, reading: 0 })
})

test('a first head that is not whole counts as idle, a later one does not', () => {
  const { connections, ended } = houseOf(100, [
    { name: 'first head', state: 'head', served: 1 },
    { name: 'later head', state: 'head', served: 2 },
    { name: 'lingering', state: 'lingering' },
  ])
  connections.closeIdle(10)
  assert.deepEqual(ended, ['cut first head'])
})

test('there is room below the limit, and at the limit when somebody idle can go', () => {
  const { connections } = houseOf(2, [{ name: 'busy', state: 'busy' }])
  assert.equal(connections.makeRoom(), true)
  assert.equal(connections.size, 1)
  const full = houseOf(2, [{ name: 'busy', state: 'busy' }, { name: 'idle' }])
  assert.equal(full.connections.makeRoom(), true)
  assert.deepEqual(full.ended, ['cut idle'])
  const crowded = houseOf(2, [
    { name: 'a', state: 'busy' },
    { name: 'b', state: 'busy' },
  ])
  assert.equal(crowded.connections.makeRoom(), false)
  assert.deepEqual(crowded.ended, [])
})

test('at a drain those that have waited for a request for long enough are told that their time is over', () => {
  const at = performance.now()
  const { connections, ended } = houseOf(100, [
    { name: 'just now', waitingSince: at },
    { name: 'a while ago', waitingSince: at - 1_000 },
    { name: 'busy', waitingSince: 0, state: 'busy' },
  ])
  connections.endWaitsLongerThan(1_000)
  assert.deepEqual(ended, ['expired a while ago'])
})

test('every request under way can be told why its wait ends', () => {
  const { connections, told } = houseOf(100, [{ name: 'a', state: 'busy' }, { name: 'b' }])
  connections.interruptAll(new Failure('drain_timeout'))
  assert.deepEqual(told, ['a drain_timeout', 'b drain_timeout'])
})

test('all is done when nobody is asked or idle any more', () => {
  assert.equal(houseOf(9, []).connections.allDone, true)
  assert.equal(houseOf(9, [{ name: 'a', state: 'lingering' }]).connections.allDone, true)
  assert.equal(houseOf(9, [{ name: 'a', state: 'busy' }]).connections.allDone, false)
  assert.equal(houseOf(9, [{ name: 'a', state: 'idle' }]).connections.allDone, false)
})

test('the end of all patience cuts everything, and is over when all have closed', async () => {
  const { connections, ended } = houseOf(9, [
    { name: 'a', state: 'busy' },
    { name: 'b' },
    { name: 'c', state: 'head' },
  ])
  await connections.cutAll()
  assert.deepEqual([ended.length, connections.size], [3, 0])
  await connections.cutAll()
  const late = new Connections(1)
  const closing = { cut() {} } as unknown as EdgeConnection
  late.add(closing)
  let over = false
  const cut = late.cutAll().then(() => (over = true))
  await new Promise(setImmediate)
  assert.equal(over, false)
  late.delete(closing)
  await cut
})
