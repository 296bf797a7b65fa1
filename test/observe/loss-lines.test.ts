// Which losses are a line, and which are gathered.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Incident } from '../../src/observe/loss.ts'
import { LossLines } from '../../src/observe/loss-lines.ts'
import type { Cause } from '../../src/observe/sources.ts'

type Line = Partial<Incident> & { level: string; count?: number; repeated?: string; others?: number }

function open(): { losses: LossLines; lines: Line[] } {
  const lines: Line[] = []
  const write = (level: string) => (fields: object, message: string) => {
    assert.equal(message, 'worker lost')
    lines.push({ level, ...fields })
  }
  return { losses: new LossLines({ info: write('info'), error: write('error') }), lines }
}

function incident(cause: Cause = 'killed', id = 'a'): Incident {
  return {
    time: '2025-11-21T06:31:31.500Z',
    cause,
    method: 'GET',
    url: '/export/7',
    id,
    ray: '',
    client: '203.0.113.7',
    age_ms: 1,
    bytes_in: 1,
    bytes_out: 0,
    client_present: true,
    slot: 0,
    pid: null,
    upstream: ':8000',
    evidence: [],
    advice: 'Look.',
  }
}

const second = 1_000
const minute = 60 * second
const route = 'GET /export/:n'

test('the first is the incident as it is; the next ones say how manieth they are, in words too', () => {
  const { losses, lines } = open()
  for (const [id, at] of [
    ['a', 0],
    ['b', 5 * second],
    ['c', 8 * minute],
  ] as const) {
    losses.add(incident('killed', id), route, at)
  }
  const { time: _time, ...fields } = incident()
  assert.deepEqual(lines[0], { level: 'error', ...fields })
  assert.deepEqual(
    lines.map(({ id, count, repeated }) => [id, count, repeated]),
    [
      ['a', undefined, undefined],
      ['b', 2, '2nd worker lost on GET /export/:n in 10 minutes'],
      ['c', 3, '3rd worker lost on GET /export/:n in 10 minutes'],
    ],
  )
})

test('beyond the third there is one line a minute, with the count so far and the latest of them', () => {
  const { losses, lines } = open()
  for (let i = 0; i < 120; i++) {
    losses.add(incident('timeout', String(i)), route, i * second)
    losses.tick(i * second)
  }
  const counts = lines.map(({ count }) => count)
  assert.deepEqual(counts, [undefined, 2, 3, 63])
  assert.match(lines[3]!.repeated!, /^63rd worker lost/)
  losses.tick(121 * second)
  assert.equal(lines.length, 4)
  losses.tick(122 * second)
  assert.deepEqual([lines.length, lines[4]?.count, lines[4]?.id], [5, 120, '119'])
  losses.tick(500 * second)
  assert.equal(lines.length, 5, 'nothing is told twice')
})

test('after ten quiet minutes a loss is a first one again', () => {
  const { losses, lines } = open()
  losses.add(incident(), route, 0)
  losses.add(incident(), route, 10 * minute + 1)
  assert.deepEqual(
    lines.map(({ count }) => count),
    [undefined, undefined],
  )
})

test('another cause, or another route, is counted by itself', () => {
  const { losses, lines } = open()
  losses.add(incident('killed'), route, 0)
  losses.add(incident('timeout'), route, 1)
  losses.add(incident('killed'), 'POST /other', 2)
  assert.deepEqual(
    lines.map(({ count }) => count),
    [undefined, undefined, undefined],
  )
})

test('a restart is one line, whatever routes it cost; the next one is another', () => {
  const { losses, lines } = open()
  for (let i = 0; i < 7; i++) losses.add(incident('restart'), `GET /${i}`, i)
  assert.equal(lines.length, 0, 'the others are judged in the same beat')
  losses.tick(10)
  assert.deepEqual(
    lines.map(({ level, count, repeated }) => [level, count, repeated]),
    [['info', 7, '7 workers lost as :8000 restarted']],
  )
  losses.add(incident('restart'), 'GET /late', 2 * second)
  losses.tick(2 * second)
  assert.equal(lines.length, 1, 'one that comes late belongs to it')
  losses.tick(11 * second)
  assert.deepEqual([lines.length, lines[1]?.count], [2, undefined])
  losses.add(incident('restart'), 'GET /', 5 * minute)
  losses.tick(5 * minute)
  assert.equal(lines.length, 3)
})

test('a storm over many routes stays within its lines a minute, and what was left out is counted', () => {
  const { losses, lines } = open()
  for (let i = 0; i < 1_000; i++) losses.add(incident(), `GET /${i}`, i)
  assert.equal(lines.length, 20)
  for (let at = 0; at < 20 * minute; at += 250) {
    losses.tick(at)
    assert.ok(lines.length <= 20 * (1 + Math.floor(at / minute)), `${lines.length} lines in ${at / second} s`)
  }
  const others = lines.reduce((sum, line) => sum + (line.others ?? 0), 0)
  assert.equal(lines.length + others, 1_000, `${lines.length} lines and ${others} others`)
})

test('at the end all that waits is told', () => {
  const { losses, lines } = open()
  for (let i = 0; i < 9; i++) losses.add(incident(), route, i)
  losses.add(incident('restart'), route, 10)
  losses.close(20)
  assert.deepEqual(
    lines.map(({ cause, count }) => [cause, count]),
    [
      ['killed', undefined],
      ['killed', 2],
      ['killed', 3],
      ['killed', 9],
      ['restart', undefined],
    ],
  )
})
