import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Entries, NONE } from '../../src/cache/entries.ts'
import { digestOf } from '../../src/cache/keys.ts'

test('entries are found by their digests, in any number that fits, and leave nothing behind', () => {
  const memory = Entries.memoryFor(8192)
  const [entries, elsewhere] = [new Entries(memory), new Entries(memory)]
  const digests = Array.from({ length: 64 }, (_, i) => digestOf(String(i)))
  const places = digests.map(digest => {
    const at = entries.allocate(digest)
    assert.notEqual(at, NONE)
    entries.linkNewest(at)
    entries.resize(at, 100)
    return at
  })
  assert.equal(new Set(places).size, 64)
  assert.deepEqual([entries.count, entries.bytes, entries.crowded], [64, 6_400, false])
  assert.equal(entries.allocate(digestOf('more')), NONE)
  assert.ok(entries.crowded)
  for (const [i, digest] of digests.entries()) {
    // Another thread sees the same.
    assert.equal(elsewhere.find(digest), places[i])
    assert.equal(elsewhere.digest(places[i]!), digest)
  }
  assert.equal(entries.oldest, places[0])
  assert.equal(entries.newerThan(places[0]!), places[1])
  entries.unlink(places[0]!)
  entries.linkNewest(places[0]!)
  assert.equal(entries.oldest, places[1])
  for (const at of places.slice(0, 40)) entries.free(at)
  assert.deepEqual([entries.count, entries.bytes, entries.oldest], [24, 2_400, places[40]])
  for (const digest of digests.slice(0, 40)) assert.equal(entries.find(digest), NONE)
  for (const digest of digests.slice(40)) assert.notEqual(entries.find(digest), NONE)
  for (let i = 0; i < 40; i++) assert.notEqual(entries.allocate(digestOf(`again ${i}`)), NONE)
  assert.equal(entries.allocate(digestOf('too many')), NONE)
})

test('some eight thousand fit in a megabyte', () => {
  const entries = new Entries(Entries.memoryFor(1024 ** 2))
  let count = 0
  while (entries.allocate(digestOf(String(count))) !== NONE) count++
  assert.equal(count, 8_192)
})
