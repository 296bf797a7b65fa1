import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OomKills } from '../../src/kernel/oom-kills.ts'
import { MemoryDeaths } from '../../src/observe/memory-deaths.ts'

/** Counters that a test sets. */
function open(first: OomKills): {
  counts: { -readonly [K in keyof OomKills]: OomKills[K] }
  deaths: MemoryDeaths
} {
  const counts = { ...first }
  const deaths = new MemoryDeaths(() => ({ ...counts }))
  return { counts, deaths }
}

test('a count that rose explains one death, the group’s before the machine’s', () => {
  const { counts, deaths } = open({ group: 5, machine: 40 })
  deaths.tick(0)
  assert.equal(deaths.explain(1_000), 'none on machine')
  counts.group = 6
  counts.machine = 41
  assert.equal(deaths.explain(2_000), 'group')
  assert.equal(deaths.explain(2_100), 'none on machine', 'the same kill in both counters is one')
  counts.machine = 42
  assert.equal(deaths.explain(3_000), 'machine')
})

test('a kill that an ordinary look came upon explains a death that is judged soon after, and no later one', () => {
  const { counts, deaths } = open({ group: 0, machine: null })
  deaths.tick(0)
  counts.group = 2
  deaths.tick(5_000)
  assert.equal(deaths.explain(8_000), 'group')
  assert.equal(deaths.explain(20_000), 'none in group')
})

test('what was counted before the first look says nothing', () => {
  const { counts, deaths } = open({ group: 9, machine: 9 })
  assert.equal(deaths.explain(0), 'unseen')
  counts.group = 10
  assert.equal(deaths.explain(100), 'group')
})

test('where nothing can be read, that is said; a counter that appears has not risen', () => {
  const { counts, deaths } = open({ group: null, machine: null })
  deaths.tick(0)
  assert.equal(deaths.explain(100), 'unseen')
  counts.group = 3
  assert.equal(deaths.explain(200), 'none in group')
})

test('the counters are read now and then, not at every beat', () => {
  let reads = 0
  const deaths = new MemoryDeaths(() => {
    reads++
    return { group: 0, machine: 0 }
  })
  for (let at = 0; at < 20_000; at += 250) deaths.tick(at)
  assert.equal(reads, 4)
})
