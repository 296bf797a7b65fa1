import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { PROCESS_SERIES } from '../../src/observe/process.ts'

const read = (name: string) => PROCESS_SERIES.find(series => series.name === name)!.read([])

test('each series has a value that can be one', async () => {
  for (const { name } of PROCESS_SERIES) {
    const value = await read(name)
    if (value === null) continue
    assert.ok(Number.isFinite(value) && value >= 0, `${name} ${value}`)
  }
  assert.ok(
    Math.abs((await read('process_start_time_seconds'))! - (Date.now() / 1000 - process.uptime())) < 5,
  )
})

test('the open descriptors are counted', {
  skip: !existsSync('/proc/self/fd') && 'no /proc here',
}, async () => {
  const counted = readdirSync('/proc/self/fd').length
  const said = (await read('process_open_fds'))!
  assert.ok(Math.abs(said - counted) <= 3, `${said} said, ${counted} counted`)
})

test('of several threads the heaps are added up, and the busiest event loop counts', async () => {
  const others = [
    { heapUsed: 1e12, external: 2e12, utilisation: 0.25 },
    { heapUsed: 1e12, external: 2e12, utilisation: 1 },
  ]
  const all = (name: string) => PROCESS_SERIES.find(series => series.name === name)!.read(others)
  assert.ok((await all('nodejs_heap_size_used_bytes'))! > 2e12)
  assert.ok((await all('nodejs_external_memory_bytes'))! > 4e12)
  assert.equal(await all('nodejs_eventloop_utilization'), 1)
})
