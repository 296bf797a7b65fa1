import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INCIDENT_FIELDS } from '../../src/observe/fields.ts'
import { Incidents } from '../../src/observe/incidents.ts'
import type { Incident, LostWorker } from '../../src/observe/loss.ts'
import { MemoryDeaths } from '../../src/observe/memory-deaths.ts'

const up = '127.0.0.1:8000'

function loss(changes: Partial<LostWorker> = {}): LostWorker {
  return {
    method: 'POST',
    url: '/reports/7',
    route: 'POST /reports/:n',
    id: 'a1b2c3',
    ray: '',
    client: '203.0.113.7',
    clientPresent: true,
    upstream: up,
    slot: 1,
    ageMs: 4200,
    bytesIn: 300,
    bytesOut: 0,
    how: 'reset',
    headSeen: false,
    detail: '',
    ...changes,
  }
}

function open(workerTimeout: number | null = 30_000): { incidents: Incidents; told: Incident[] } {
  const told: Incident[] = []
  return { incidents: new Incidents(workerTimeout, incident => told.push(incident)), told }
}

/** The verdict on one loss, the listener being there afterwards unless `listener` says otherwise. */
function verdict(
  lost: LostWorker,
  workerTimeout: number | null = 30_000,
  listener: boolean | null = true,
): Incident {
  const { incidents, told } = open(workerTimeout)
  incidents.lost(lost, 0)
  if (listener !== null) incidents.listener(up, listener, 100)
  incidents.settle(10_000)
  assert.equal(told.length, 1)
  return told[0]!
}

test('an age near the worker timeout is a timeout, within 2 s on either side', () => {
  for (const age of [28_000, 30_000, 32_000])
    assert.equal(verdict(loss({ ageMs: age })).cause, 'timeout', String(age))
  for (const age of [27_900, 32_100]) assert.equal(verdict(loss({ ageMs: age })).cause, 'killed', String(age))
  assert.match(verdict(loss({ ageMs: 30_100 })).evidence.join('; '), /for 30\.1s; the worker timeout is 30s/)
})

test('for a tiny timeout the window before it is half of it; kills come late all the same', () => {
  assert.equal(verdict(loss({ ageMs: 1100 }), 1000).cause, 'timeout')
  assert.equal(verdict(loss({ ageMs: 2500 }), 1000).cause, 'timeout')
  assert.equal(verdict(loss({ ageMs: 500 }), 1000).cause, 'timeout')
  assert.equal(verdict(loss({ ageMs: 400 }), 1000).cause, 'killed')
})

test('where the timeout is not known, the usual ages are recognised', () => {
  for (const age of [30_500, 60_500, 119_000])
    assert.equal(verdict(loss({ ageMs: age }), null).cause, 'timeout')
  for (const age of [10_000, 45_000, 90_000])
    assert.equal(verdict(loss({ ageMs: age }), null).cause, 'killed')
})

test('an answer that was cut at the timeout is a timeout, cut earlier it is truncated', () => {
  const part = { headSeen: true, bytesOut: 5000, how: 'fin' } as const
  assert.equal(verdict(loss({ ...part, ageMs: 30_000 })).cause, 'timeout')
  const cut = verdict(loss(part))
  assert.equal(cut.cause, 'truncated')
  assert.match(cut.evidence.join('; '), /the head and part of the body had come, 5000 bytes in all/)
})

test('one early death with the listener still there is a kill', () => {
  const incident = verdict(loss())
  assert.equal(incident.cause, 'killed')
  assert.ok(incident.evidence.includes('the listener still took connections'))
})

test('several that end together, the listener refusing afterwards, are a restart', () => {
  const { incidents, told } = open()
  incidents.lost(loss(), 0)
  incidents.lost(loss({ headSeen: true, bytesOut: 10 }), 300)
  incidents.lost(loss({ ageMs: 29_000 }), 600)
  incidents.listener(up, false, 700)
  incidents.settle(10_000)
  assert.deepEqual(
    told.map(incident => incident.cause),
    ['restart', 'restart', 'restart'],
  )
  assert.ok(told[0]!.evidence.includes('2 other connections to this upstream ended within a second'))
  assert.ok(told[0]!.evidence.includes('the listener refused connections'))
})

test('several that time out together are timeouts, though the listener refused', () => {
  const { incidents, told } = open()
  incidents.lost(loss({ ageMs: 30_100 }), 0)
  incidents.lost(loss({ ageMs: 29_500 }), 300)
  incidents.listener(up, false, 700)
  incidents.settle(10_000)
  assert.deepEqual(
    told.map(incident => incident.cause),
    ['timeout', 'timeout'],
  )
})

test('a loss while the listener refuses already is a restart', () => {
  const { incidents, told } = open()
  incidents.listener(up, false, 0)
  incidents.lost(loss(), 5000)
  incidents.settle(20_000)
  assert.equal(told[0]!.cause, 'restart')
})

test('another upstream’s listener says nothing about this one', () => {
  const { incidents, told } = open()
  incidents.lost(loss(), 0)
  incidents.listener('other:8000', false, 100)
  incidents.settle(10_000)
  assert.equal(told[0]!.cause, 'killed')
  assert.ok(told[0]!.evidence.includes('the listener has not been tried since'))
})

test('a listener that came back within the wait is still a restart', () => {
  const { incidents, told } = open()
  incidents.lost(loss(), 0)
  incidents.listener(up, false, 100)
  incidents.listener(up, true, 900)
  incidents.settle(10_000)
  assert.equal(told[0]!.cause, 'restart')
  incidents.lost(loss(), 20_000)
  incidents.listener(up, true, 20_100)
  incidents.settle(30_000)
  assert.equal(told[1]!.cause, 'killed', 'and is forgotten once the listener is there')
})

test('what is not HTTP is judged at once, whatever its age, and is quoted safely', () => {
  const { incidents, told } = open()
  incidents.lost(loss({ how: 'protocol', ageMs: 30_000, bytesOut: 9, detail: 'SSH-2.0\x1b[2J' }), 0)
  assert.equal(told[0]!.cause, 'protocol')
  assert.ok(told[0]!.evidence.includes('SSH-2.0\\x1b[2J'))
})

test('what was seen is quoted where it says more than the evidence does', () => {
  const detail = 'ECONNRESET \x07'
  assert.ok(verdict(loss({ detail })).evidence.includes('ECONNRESET \\x07'))
  assert.ok(verdict(loss({ how: 'fin', bytesOut: 4, detail: 'got HTTP' })).evidence.includes('got HTTP'))
  assert.equal(verdict(loss({ how: 'fin', detail: 'closed' })).evidence.includes('closed'), false)
})

test('a loss waits a moment for its verdict, longer when the listener was not tried', () => {
  const { incidents, told } = open()
  incidents.lost(loss({ id: 'tried' }), 0)
  incidents.listener(up, true, 10)
  incidents.lost(loss({ id: 'untried' }), 20)
  incidents.settle(1249)
  assert.equal(told.length, 0)
  incidents.settle(1250)
  assert.deepEqual(
    told.map(({ id }) => id),
    ['tried'],
  )
  incidents.settle(3020)
  assert.deepEqual(
    told.map(({ id }) => id),
    ['tried', 'untried'],
  )
})

test('nothing waits for ever, and nothing grows: a crash loop is bounded, the latest kept first', () => {
  const { incidents, told } = open()
  for (let i = 0; i < 1000; i++) incidents.lost(loss({ id: String(i) }), i)
  assert.ok(told.length >= 900, `${told.length} judged while ${1000 - told.length} wait`)
  incidents.flush(2_000)
  assert.equal(told.length, 1000)
  assert.equal(incidents.recent.length, 100)
  assert.equal(incidents.recent[0]!.id, '999')
})

test('an incident has the listed fields, and advice', () => {
  const incident = verdict(loss({ slot: -1, clientPresent: false }))
  assert.deepEqual(Object.keys(incident), ['time', ...INCIDENT_FIELDS])
  assert.equal(incident.slot, null)
  assert.equal(incident.pid, null)
  assert.ok(incident.evidence.includes('the client had left'))
  assert.match(incident.advice, /^Look for .*\.$/)
})

test('what the server says of the worker comes before what can be guessed, and names its process', () => {
  const { incidents, told } = open()
  incidents.lost(loss({ ageMs: 4200 }), 1000)
  incidents.listener(up, true, 1100)
  incidents.heard({ kind: 'timeout', pid: 59 }, 990)
  incidents.settle(10_000)
  assert.deepEqual([told[0]?.cause, told[0]?.pid], ['timeout', 59])
  assert.ok(
    told[0]!.evidence.includes('the server said: WORKER TIMEOUT (pid:59)'),
    told[0]!.evidence.join('; '),
  )
})

test('words on another process than the one that had the request say nothing of it', () => {
  const { incidents, told } = open()
  incidents.heard({ kind: 'timeout', pid: 60 }, 990)
  incidents.lost(loss({ ageMs: 4200, pid: 59 }), 1000)
  incidents.listener(up, true, 1100)
  incidents.settle(10_000)
  assert.deepEqual([told[0]?.cause, told[0]?.pid], ['killed', 59])
})

test('the end of a worker whose request is known is not put down to the next answer that breaks off', () => {
  const { incidents, told } = open()
  incidents.heard({ kind: 'timeout', pid: 59 }, 990)
  incidents.lost(loss({ ageMs: 30_100, pid: 59 }), 1000)
  incidents.listener(up, true, 1100)
  incidents.settle(2300)
  // Its master's second blow is told when the verdict is out.
  incidents.heard({ kind: 'signalled', pid: 59, signal: 'SIGKILL' }, 2310)
  incidents.lost(loss({ how: 'fin', headSeen: true, bytesOut: 241 }), 2320)
  incidents.listener(up, true, 2400)
  incidents.settle(10_000)
  assert.deepEqual(
    told.map(({ cause, pid }) => [cause, pid]),
    [
      ['timeout', 59],
      ['truncated', null],
    ],
  )
})

test('a kill that the server saw is one, also at the timeout’s age; a SIGTERM decides nothing', () => {
  for (const [signal, cause] of [
    ['SIGKILL', 'killed'],
    ['SIGSEGV', 'killed'],
    ['SIGTERM', 'timeout'],
    ['SIGABRT', 'timeout'],
  ] as const) {
    const { incidents, told } = open()
    incidents.lost(loss({ ageMs: 30_000 }), 1000)
    incidents.heard({ kind: 'signalled', pid: 59, signal }, 1010)
    incidents.settle(10_000)
    assert.equal(told[0]?.cause, cause, signal)
  }
})

test('the app’s own end is told with its status: a death, or a restart', () => {
  for (const [status, cause] of [
    [137, 'killed'],
    [0, 'restart'],
  ] as const) {
    const { incidents, told } = open()
    incidents.lost(loss(), 1000)
    incidents.listener(up, false, 1010)
    incidents.heard({ kind: 'app ended', status, words: 'so it ended' }, 1005)
    incidents.settle(10_000)
    assert.equal(told[0]?.cause, cause)
    assert.ok(told[0]!.evidence.includes('the app itself ended: so it ended'))
  }
})

test('a worker that answered as its master ended it for its timeout is an incident; another is none', () => {
  const { incidents, told } = open()
  const answered = {
    how: 'answered',
    headSeen: true,
    bytesOut: 300,
    detail: 'the answer had the status 500',
  } as const
  incidents.lost(loss({ ...answered, pid: 59, ageMs: 30_500 }), 1000)
  incidents.lost(loss({ ...answered, pid: 60, ageMs: 2_000 }), 1000)
  incidents.heard({ kind: 'timeout', pid: 59 }, 1005)
  incidents.settle(1500)
  assert.equal(told.length, 0)
  incidents.settle(3000)
  assert.deepEqual(
    told.map(({ cause, pid }) => [cause, pid]),
    [['timeout', 59]],
  )
  assert.deepEqual(told[0]?.evidence, [
    'the worker gave a whole answer as it was ended',
    'the answer had the status 500',
    'the worker had had the request for 30.5s; the worker timeout is 30s',
    'the server said: WORKER TIMEOUT (pid:59)',
  ])
})

test('what a restart ended together is judged in one beat, though the last of it has waited less', () => {
  const { incidents, told } = open()
  incidents.listener(up, false, 0)
  for (const at of [0, 400, 900]) incidents.lost(loss(), at)
  incidents.lost(loss({ upstream: 'other:8000' }), 900)
  incidents.settle(1250)
  assert.deepEqual(
    told.map(({ cause, upstream }) => [cause, upstream]),
    [0, 1, 2].map(() => ['restart', up]),
  )
})

const serversOwn = {
  how: 'answered',
  headSeen: true,
  bytesOut: 250,
  serversOwn: true,
  detail: 'the answer had the status 500',
} as const

test('the server’s own 500 at the age at which it kills is a timeout, and says how sure that is', () => {
  for (const [ageMs, workerTimeout, expected] of [
    [30_400, 30_000, 1],
    [31_900, 30_000, 1],
    [29_000, 30_000, 0],
    [33_000, 30_000, 0],
    [30_400, null, 0],
    [400, 0, 0],
  ] as const) {
    const { incidents, told } = open(workerTimeout)
    incidents.lost(loss({ ...serversOwn, ageMs }), 1000)
    incidents.settle(3000)
    assert.equal(told.length, expected, `${ageMs} of ${workerTimeout}`)
    if (expected === 0) continue
    assert.equal(told[0]?.cause, 'timeout')
    assert.deepEqual(told[0]?.evidence.slice(0, 2), [
      'the answer had the status 500, and was the server’s own and not the app’s',
      'gunicorn answers so from version 22 on when it ends a worker for its timeout; an app that raised just then would look the same',
    ])
  }
  const { incidents, told } = open()
  incidents.lost(loss({ ...serversOwn, serversOwn: false, ageMs: 30_400 }), 1000)
  incidents.settle(3000)
  assert.equal(told.length, 0, 'an app’s own 500 is its own affair')
})

test('a second head within an answer, at the timeout’s age, is the timeout and not another protocol', () => {
  const cut = { how: 'protocol', headSeen: true, bytesOut: 5000, detail: 'got HTTP/1.1 500' } as const
  const timedOut = verdict(loss({ ...cut, ageMs: 30_400 }))
  assert.equal(timedOut.cause, 'timeout')
  assert.ok(timedOut.evidence.includes('got HTTP/1.1 500'), timedOut.evidence.join('; '))
  assert.equal(verdict(loss(cut)).cause, 'protocol')
})

/** The verdict where the kernel's counters have risen by so much since the last look. */
function withKills(lost: LostWorker, group: number | null, machine: number | null): Incident {
  const counts = { group: group === null ? null : 0, machine: machine === null ? null : 0 } as {
    group: number | null
    machine: number | null
  }
  const told: Incident[] = []
  const memory = new MemoryDeaths(() => ({ ...counts }))
  const incidents = new Incidents(30_000, incident => told.push(incident), memory)
  incidents.settle(0)
  counts.group = group
  counts.machine = machine
  incidents.lost(lost, 1000)
  incidents.listener(up, true, 1100)
  incidents.settle(3000)
  assert.equal(told.length, 1)
  return told[0]!
}

test('a kill for want of memory is told by the kernel’s counters: certain, likely, excluded, or not to be seen', () => {
  for (const [group, machine, evidence, advice] of [
    [1, 1, /for want of memory at about that time, in the control group/, /the kernel’s OOM killer ended/],
    [
      0,
      1,
      /for want of memory at about that time, somewhere on this machine/,
      /Look whether it was this worker/,
    ],
    [0, 0, /the kernel of this machine has killed nothing for want of memory/, /who sends SIGKILL/],
    [0, null, /nothing for want of memory in this proxy’s control group/, /Look for the kernel’s OOM killer/],
    [null, null, /cannot be seen from here/, /Look for the kernel’s OOM killer/],
  ] as const) {
    const incident = withKills(loss(), group, machine)
    assert.equal(incident.cause, 'killed')
    assert.match(incident.evidence.join('; '), evidence)
    assert.match(incident.advice, advice)
  }
})

test('an answer that broke off as the kernel killed in our group is a kill; else it says nothing of memory', () => {
  const part = loss({ headSeen: true, bytesOut: 5000, how: 'fin' })
  assert.equal(withKills(part, 1, 1).cause, 'killed')
  const likely = withKills(part, 0, 1)
  assert.equal(likely.cause, 'truncated')
  assert.match(likely.evidence.join('; '), /somewhere on this machine/)
  assert.doesNotMatch(withKills(part, 0, 0).evidence.join('; '), /memory/)
})

test('of a timeout, and of a worker that another signal ended, memory is not suspected', () => {
  assert.doesNotMatch(withKills(loss({ ageMs: 30_100 }), 1, 1).evidence.join('; '), /memory/)
  const told: Incident[] = []
  let looks = 0
  const memory = new MemoryDeaths(() => ({ group: looks++, machine: looks }))
  const incidents = new Incidents(30_000, incident => told.push(incident), memory)
  incidents.lost(loss({ pid: 59 }), 1000)
  incidents.heard({ kind: 'signalled', pid: 59, signal: 'SIGSEGV' }, 1010)
  incidents.settle(10_000)
  assert.equal(told[0]?.cause, 'killed')
  assert.doesNotMatch(told[0]!.evidence.join('; '), /memory/)
})
