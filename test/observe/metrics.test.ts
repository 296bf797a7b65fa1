import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publish, SERIES } from '../../src/observe/metrics.ts'
import { Tally } from '../../src/observe/tally.ts'
import { finished } from './exchanges.ts'

const scrape = async (tally: Tally): Promise<string> => {
  const registry = await publish(() => ({
    tally,
    sources: null,
    version: '1',
    dropped: 2,
    inflight: 1,
    threads: [],
  }))
  return registry.metrics()
}

test('every series announces its help and type, and carries the labels it lists', async () => {
  const tally = new Tally()
  tally.finished(finished(), 'ok')
  tally.connected('a:1', 'ok')
  tally.busy('a:1', 5)
  const text = await scrape(tally)
  for (const { name, type, help, labels, read } of SERIES) {
    assert.ok(text.includes(`# HELP ${name} ${help}\n# TYPE ${name} ${type}`), name)
    for (const value of read({ tally, sources: null, version: '1', dropped: 2, inflight: 1, threads: [] })) {
      const got = Object.keys(value.labels).filter(label => label !== 'le')
      assert.deepEqual(got, [...labels], name)
    }
  }
})

test('a histogram’s buckets add up', async () => {
  const tally = new Tally()
  for (const totalMs of [0.5, 3, 70, 500_000]) tally.finished(finished({ totalMs }), 'ok')
  const text = await scrape(tally)
  const buckets = [...text.matchAll(/duration_seconds_bucket\{le="([^"]+)",phase="total"\} (\d+)/g)]
  const counts = buckets.map(match => Number(match[2]))
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => a - b),
  )
  assert.equal(buckets[0]![1], '0.001')
  assert.equal(counts[0], 1)
  assert.equal(counts.at(-2), 3)
  assert.deepEqual([buckets.at(-1)![1], counts.at(-1)], ['+Inf', 4])
  assert.match(text, /duration_seconds_sum\{phase="total"\} 500\.0735\n/)
})

test('a label’s value cannot leave its quotes', async () => {
  const tally = new Tally()
  tally.busy('unix:/a"b\\c\nd', 1000)
  assert.match(await scrape(tally), /worker_busy_seconds_total\{upstream="unix:\/a\\"b\\\\c\\nd"\} 1\n/)
})
