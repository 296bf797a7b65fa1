import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectionZone } from '../../src/access/connection-zone.ts'

const zoneOf = (size: number) => new ConnectionZone('addr', ConnectionZone.memoryFor(size))

test('as many as are allowed, and again once one is given back', () => {
  const zone = zoneOf(65_536)
  const [first, second] = [zone.take('a', 2), zone.take('a', 2)]
  assert.equal(zone.take('a', 2), 'many')
  assert.equal(typeof zone.take('b', 2), 'function')
  assert.ok(typeof first === 'function' && typeof second === 'function')
  first()
  first()
  assert.equal(typeof zone.take('a', 2), 'function')
  assert.equal(zone.take('a', 2), 'many')
})

test('keys are there as long as something of theirs is under way, and no more than there is room for', () => {
  const zone = zoneOf(128)
  const first = zone.take('a', 1)
  assert.equal(typeof zone.take('b', 1), 'function')
  assert.equal(zone.take('c', 1), 'full')
  assert.ok(typeof first === 'function')
  first()
  assert.equal(typeof zone.take('c', 1), 'function')
})
