import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WorkProofs } from '../../src/admit/work-proofs.ts'

/** Two requests, of which the second overtakes the first. */
function overtake(proofs: WorkProofs, at: number): void {
  proofs.granted(0, 'r', at)
  proofs.granted(1, 'r', at)
  proofs.ended(1, true, 1, 2, at + 10)
  proofs.ended(0, true, 1, 2, at + 20)
}

test('seen once is an accident, twice a proof; a change begins anew', () => {
  const proofs = new WorkProofs()
  proofs.tick(0)
  overtake(proofs, 10)
  assert.equal(proofs.best < 2, true)
  overtake(proofs, 50)
  assert.equal(proofs.best, 2)
  proofs.begin()
  assert.deepEqual([proofs.best, proofs.ends], [0, 0])
})

test('what is heard of after the event loop was held up proves nothing', () => {
  const proofs = new WorkProofs()
  proofs.tick(0)
  for (const at of [200, 220, 240]) overtake(proofs, at)
  assert.equal(proofs.best, 0)
})
