import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Exchange } from '../../src/exchange.ts'
import { WorkerNames } from '../../src/observe/worker-names.ts'

/** A request that a worker has had for long, and looks that each take so many milliseconds. */
function slow(took: number) {
  let at = 10_000
  const exchange = new Exchange('127.0.0.1', 0)
  exchange.nearEnd = { localPort: 40_000 }
  const names = new WorkerNames({ nameless: () => [exchange] }, () => at)
  const looks: number[] = []
  names.peers = async () => {
    looks.push(at)
    at += took
    return new Map()
  }
  const until = async (end: number): Promise<number[]> => {
    for (; at < end; at += 100) {
      names.tick(at)
      await Promise.resolve()
      await Promise.resolve()
    }
    return looks
  }
  return { until }
}

test('who has a slow request is looked up once a second', async () => {
  assert.deepEqual(await slow(0).until(13_000), [10_000, 11_000, 12_000])
})

test('where a look takes long, there are fewer', async () => {
  assert.deepEqual(await slow(300).until(23_000), [10_000, 16_300, 22_600])
})
