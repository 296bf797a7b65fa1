import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clock } from '../../../src/script/variables/clock.ts'

/** What the clock says in a zone; another zone has to begin with another second. */
function inZone(zone: string, at: number): ReturnType<typeof clock> {
  const before = process.env.TZ
  process.env.TZ = zone
  try {
    return clock(at)
  } finally {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  }
}

test('nginx’s forms of a time, in the zone of the process', () => {
  assert.deepEqual(inZone('UTC', Date.UTC(2026, 10, 28, 22, 33, 45)), {
    iso: '2026-11-28T22:33:45+00:00',
    log: '28/Nov/2026:22:33:45 +0000',
    gmt: 'Saturday, 28-Nov-2026 22:33:45 GMT',
    local: 'Saturday, 28-Nov-2026 22:33:45 UTC',
  })
  const india = inZone('Asia/Kolkata', Date.UTC(2024, 0, 1, 23, 0, 9))
  assert.equal(india.iso, '2024-01-02T04:30:09+05:30')
  assert.equal(india.log, '02/Jan/2024:04:30:09 +0530')
  const west = inZone('America/St_Johns', Date.UTC(2024, 0, 1, 1, 0, 8))
  assert.equal(west.log, '31/Dec/2023:21:30:08 -0330')
  assert.equal(west.gmt, 'Monday, 01-Jan-2024 01:00:08 GMT')
})

test('within a second nothing is made anew', () => {
  assert.equal(clock(5_000_100), clock(5_000_900))
  assert.notEqual(clock(5_000_100), clock(5_001_000))
})
