import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { ZoneTable } from '../../src/access/zone-table.ts'

test('a key has one entry, and what is written there stays', () => {
  const table = new ZoneTable(ZoneTable.memoryFor(1_000))
  const [a, b] = [table.entry('a', 5), table.entry('b', 6)]
  assert.notEqual(a, b)
  assert.deepEqual([table.moment(a), table.moment(b), table.count(a, 'amount')], [5, 6, 0])
  table.setCount(a, 'amount', 7)
  table.setMoment(a, 1e12 + 0.5)
  assert.equal(table.entry('a', 9), a)
  assert.deepEqual([table.count(a, 'amount'), table.moment(a)], [7, 1e12 + 0.5])
})

test('however many keys come, there are as many entries as there were', () => {
  const table = new ZoneTable(ZoneTable.memoryFor(100))
  const places = new Set(Array.from({ length: 5_000 }, (_, at) => table.entry(`key ${at}`, at + 1)))
  assert.ok(places.size <= 100 && !places.has(-1))
  const last = table.entry('key 4999', 0)
  assert.equal(table.moment(last), 5_000)
})

test('one that is held stays, and with all held there is no room', () => {
  const table = new ZoneTable(ZoneTable.memoryFor(2))
  for (const key of ['a', 'b']) table.setCount(table.entry(key, 1), 'held', 1)
  assert.equal(table.entry('c', 2), -1)
  table.setCount(table.entry('a', 0), 'held', 0)
  assert.notEqual(table.entry('c', 2), -1)
})

test('threads count in the same memory, one at a time', async t => {
  const memory = ZoneTable.memoryFor(10)
  const source = `
    import { workerData } from 'node:worker_threads'
    const { ZoneTable } = await import(workerData.module)
    const table = new ZoneTable(workerData.memory)
    for (let times = 0; times < 2000; times++) {
      table.alone(() => {
        const at = table.entry('key', 1)
        table.setCount(at, 'amount', table.count(at, 'amount') + 1)
      })
    }`
  const module = new URL('../../src/access/zone-table.ts', import.meta.url).href
  const start = () =>
    new Worker(source, { eval: true, workerData: { memory, module }, execArgv: ['--input-type=module'] })
  const workers = [start(), start(), start()]
  t.after(() => Promise.all(workers.map(worker => worker.terminate())))
  await Promise.all(workers.map(worker => once(worker, 'exit')))
  const table = new ZoneTable(memory)
  assert.equal(table.count(table.entry('key', 0), 'amount'), 6_000)
})
