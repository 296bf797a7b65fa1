import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Parking } from '../../src/admit/parking.ts'
import { Ticket } from '../../src/admit/ticket.ts'
import { WaitQueue } from '../../src/admit/wait-queue.ts'
import { now } from '../../src/clock.ts'
import { Exchange } from '../../src/exchange.ts'
import type { Stub } from './rig.ts'

function ticket(id: string, at: number): Ticket<Stub> {
  const exchange = new Exchange('192.0.2.1', now())
  exchange.id = id
  return new Ticket<Stub>(exchange, at, () => {})
}

test('those that wait leave in any order, also while they are looked through', () => {
  const parking = new Parking<Stub>()
  assert.equal(parking.oldestSince, null)
  const tickets = [30, 10, 20].map(at => ticket(String(at), at))
  for (const each of tickets) parking.add(each)
  assert.equal(parking.oldestSince, 10)
  const seen: string[] = []
  for (const each of parking) {
    seen.push(each.applicant.id)
    if (each.applicant.id !== '20') WaitQueue.remove(each)
  }
  assert.deepEqual(seen, ['30', '10', '20'])
  assert.equal(parking.length, 1)
  assert.equal(parking.oldestSince, 20)
})
