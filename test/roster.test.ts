import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Member, Roster } from '../src/roster.ts'

class Guest implements Member {
  place = -1
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

const names = (roster: Roster<Guest>): string => [...roster].map(({ name }) => name).join('')

test('whoever comes is on it once, until they leave', () => {
  const roster = new Roster<Guest>()
  const [a, b, c] = [new Guest('a'), new Guest('b'), new Guest('c')]
  for (const guest of [a, b, c, b]) roster.add(guest)
  assert.equal(names(roster), 'abc')
  roster.delete(a)
  roster.delete(a)
  assert.equal(names(roster), 'cb')
  roster.delete(b)
  assert.equal(names(roster), 'c')
  roster.add(a)
  roster.delete(c)
  assert.equal(names(roster), 'a')
  assert.equal(roster.size, 1)
})

test('clearing sends all away, and all can come again', () => {
  const roster = new Roster<Guest>()
  const [a, b] = [new Guest('a'), new Guest('b')]
  roster.add(a)
  roster.add(b)
  roster.clear()
  assert.equal(roster.size, 0)
  roster.delete(a)
  roster.add(b)
  assert.equal(names(roster), 'b')
})

test('those who have left do not outlive small collections for the sake of who came after them', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void
  const roster = new Roster<Guest>()
  const here: Guest[] = []
  const left: WeakRef<Guest>[] = []
  for (let round = 0; round < 50; round++) {
    for (let i = 0; i < 64; i++) {
      const guest = new Guest(`${round}.${i}`)
      roster.add(guest)
      here.push(guest)
      if (here.length > 16) roster.delete(here.shift()!)
      if (i === 0) left.push(new WeakRef(guest))
    }
    // A weak reference holds its object until the turn is over.
    await turn()
    collect({ type: 'minor' })
  }
  await turn()
  const kept = left.filter(ref => ref.deref() !== undefined).length
  // Of a few it may be that they were there at two collections and so went to the old generation.
  assert.ok(kept <= 3, `${kept} of ${left.length} are still there`)
})
