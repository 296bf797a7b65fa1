import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PacedSpools } from '../../src/spool/paced.ts'
import type { Spool } from '../../src/spool/spool.ts'

const KB = 1024

/** Spools that note in `asked` that they were asked, and go on where `goes` says so. */
function three(paced: PacedSpools, goes: (name: string) => boolean): { asked: string[]; spools: Spool[] } {
  const asked: string[] = []
  const spools = ['a', 'b', 'c'].map(name => {
    const tryAgain = (): boolean => asked.push(name) > 0 && goes(name)
    return { tryAgain } as unknown as Spool
  })
  for (const spool of spools) paced.add(spool)
  return { asked, spools }
}

const turn = () => new Promise(resolve => setImmediate(resolve))

test('as many are let on as there is room for, the first that came first, and one at least', async () => {
  let room = 128 * KB
  const paced = new PacedSpools(() => room)
  const { asked } = three(paced, () => true)
  paced.wake()
  paced.wake()
  assert.deepEqual(asked, [], 'not in the middle of what gave the room back')
  await turn()
  assert.deepEqual(asked, ['a', 'b'])
  room = 0
  paced.wake()
  await turn()
  assert.deepEqual(asked, ['a', 'b', 'a'])
})

test('one that cannot go on leaves its turn to the next', async () => {
  const paced = new PacedSpools(() => 1)
  const { asked } = three(paced, name => name === 'b')
  paced.wake()
  await turn()
  assert.deepEqual(asked, ['a', 'b'])
})

test('who has left is not asked, and nobody is after the end', async () => {
  const paced = new PacedSpools(() => 1)
  const { asked, spools } = three(paced, () => true)
  paced.remove(spools[0]!)
  paced.remove(spools[0]!)
  assert.equal(paced.size, 2)
  paced.wake()
  paced.close()
  await turn()
  paced.add(spools[0]!)
  paced.wake()
  await turn()
  assert.deepEqual([asked, paced.size], [[], 0])
})
