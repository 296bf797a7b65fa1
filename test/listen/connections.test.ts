import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Connections } from '../../src/listen/connections.ts'
import type { EdgeConnection } from '../../src/listen/edge-connection.ts'

interface Stub {
  name: string
  peer: string
  state: EdgeConnection['state']
  served: number
  idleSince: number
}

/** Connections of which only what the choice depends on is there; closing one takes it out, as it really does. */
function houseOf(limit: number, stubs: (Partial<Stub> & { name: string })[]) {
  const connections = new Connections(limit)
  const ended: string[] = []
  for (const given of stubs) {
    const stub = { peer: given.name, state: 'idle', served: 1, idleSince: 0, ...given }
    const end = (how: string) => () => {
      ended.push(`${how} ${stub.name}`)
      connections.delete(edge)
    }
    const edge = { ...stub, cut: end('cut'), close: end('close') } as unknown as EdgeConnection
    connections.add(edge)
  }
  return { connections, ended }
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
  assert.deepEqual(connections.count(), { idle: 0, active: 1 })
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

test('at a drain those that are idle for long enough are closed in order', () => {
  const at = performance.now()
  const { connections, ended } = houseOf(100, [
    { name: 'just now', idleSince: at },
    { name: 'a while ago', idleSince: at - 1_000 },
    { name: 'busy', idleSince: at - 1_000, state: 'busy' },
  ])
  connections.closeIdleLongerThan(1_000)
  assert.deepEqual(ended, ['close a while ago'])
})

test('all is done when nobody is asked or idle any more', () => {
  assert.equal(houseOf(9, []).connections.allDone, true)
  assert.equal(houseOf(9, [{ name: 'a', state: 'lingering' }]).connections.allDone, true)
  assert.equal(houseOf(9, [{ name: 'a', state: 'busy' }]).connections.allDone, false)
  assert.equal(houseOf(9, [{ name: 'a', state: 'idle' }]).connections.allDone, false)
})

test('the end of all patience cuts everything', () => {
  const { connections, ended } = houseOf(9, [
    { name: 'a', state: 'busy' },
    { name: 'b' },
    { name: 'c', state: 'head' },
  ])
  connections.cutAll()
  assert.deepEqual([ended.length, connections.size], [3, 0])
})
