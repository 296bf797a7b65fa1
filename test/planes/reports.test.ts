import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Report } from '../../src/planes/messages.ts'
import { type Reporting, Reports } from '../../src/planes/reports.ts'

function reportOf(active: number, memory: number): Report {
  const connections = { idle: 1, active, limit: 100 }
  const spools = {
    memory,
    disk: 0,
    memoryLimit: 1_000,
    diskLimit: 0,
    requestMemory: 0,
    requestDisk: 0,
    open: 0,
    paced: 0,
    refused: 0,
    shed: 0,
  }
  return { connections, spools, lanes: [], observed: {} as Report['observed'] }
}

function planeOf(last: Report | null, report: () => Promise<void> = async () => {}): Reporting {
  return { last, report }
}

test('what planes hold is added up, as of the last look', async () => {
  const reports = new Reports([planeOf(reportOf(2, 10)), planeOf(reportOf(3, 30))])
  assert.deepEqual(reports.connections, { idle: 0, active: 0, limit: 0 })
  assert.equal((await reports.look()).length, 2)
  assert.deepEqual(reports.connections, { idle: 2, active: 5, limit: 200 })
  assert.deepEqual([reports.spools.memory, reports.spools.memoryLimit], [40, 2_000])
})

test('a plane that does not answer is shown as it was, one that never did not at all', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const silent = () => new Promise<void>(() => {})
  const reports = new Reports([planeOf(reportOf(2, 10), silent), planeOf(null, silent)])
  const looked = reports.look()
  t.mock.timers.tick(1_000)
  assert.equal((await looked).length, 1)
  assert.equal(reports.connections.active, 2)
})
