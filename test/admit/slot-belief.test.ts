import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FinderOptions, SlotBelief } from '../../src/admit/slot-belief.ts'

function beliefOf(given: Partial<FinderOptions> = {}): { belief: SlotBelief; said: number[] } {
  const said: number[] = []
  const belief: SlotBelief = new SlotBelief(
    {
      least: 1,
      from: null,
      kernel: true,
      busy: () => 0,
      waiting: () => true,
      changed: () => {},
      found: () => said.push(belief.limit),
      ...given,
    },
    () => {},
  )
  return { belief, said }
}

test('at first the number is doubled; after an edge one more is tried, and what is added doubles', () => {
  const { belief, said } = beliefOf()
  belief.look(2, 0)
  belief.raise(2, 'fits', 10)
  assert.equal(belief.ceiling, 4)
  belief.edge(3, 'does not fit', 20)
  assert.deepEqual([belief.limit, belief.ceiling, belief.trying], [3, 3, false])
  belief.look(belief.limit + belief.step, 300)
  belief.raise(4, 'fits', 310)
  assert.equal(belief.ceiling, 6)
  belief.edge(5, 'does not fit', 320)
  assert.deepEqual(said, [3, 5])
})

test('a look that finds the same comes less and less often, and is not said again', () => {
  const { belief, said } = beliefOf()
  const next: number[] = []
  for (let i = 0; i < 6; i++) {
    belief.edge(4, 'edge', 0)
    next.push(belief.lookAt)
  }
  assert.deepEqual(next, [250, 500, 1_000, 2_000, 2_000, 2_000])
  assert.deepEqual(said, [4])
})

test('a number that was given is named as long as nothing else is found', () => {
  const { belief, said } = beliefOf({ least: 4, from: '$WEB_CONCURRENCY' })
  belief.edge(4, 'kernel: 4', 0)
  assert.deepEqual([belief.evidence, said], ['$WEB_CONCURRENCY', []])
  belief.edge(8, 'kernel: 8', 0)
  assert.deepEqual([belief.evidence, said], ['kernel: 8, beyond $WEB_CONCURRENCY', [8]])
})
