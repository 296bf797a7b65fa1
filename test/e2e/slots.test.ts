// How many workers there are is found out under load, without being told, and followed: real gunicorn, and an upstream
// that takes all at once. Nothing is ever lost to a wrong guess.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { startGunicorn } from '../support/gunicorn.ts'
import { Journal } from '../support/journal.ts'
import { type Owner, temporaryFolder } from '../support/owner.ts'
import { without } from '../support/servers.ts'
import { type Json, type Shield, startShield } from '../support/shield.ts'
import { startUvicorn } from '../support/uvicorn.ts'

const skip = without('gunicorn')

/** Clients that ask again as soon as they are answered, until the test has seen enough. */
function load(owner: Owner, shield: Shield, clients: number, method = 'GET'): () => Promise<number[]> {
  let going = true
  const statuses: number[] = []
  const client = async (): Promise<void> => {
    const connection = await shield.connect()
    while (going) {
      statuses.push((await connection.request(method, '/sleep?ms=40').answer(method)).status)
    }
    connection.close()
  }
  const all = Promise.all(Array.from({ length: clients }, client))
  const stop = async (): Promise<number[]> => {
    going = false
    await all
    return statuses
  }
  owner.after(() => {
    going = false
  })
  return stop
}

/** Settles when the number was found and its edge was seen. */
function found(shield: Shield, slots: number): Promise<Json> {
  const seen = (upstream: Json): boolean =>
    upstream.slots === slots && /while one more waited/.test(String(upstream.slots_from))
  return shield.until(({ upstreams }) => upstreams.every(seen), `${slots} slots that were found`)
}

/** In 20 s of load the number is to be found (a wrong one may be believed for a moment); then it is to stay. */
const FOUND_MS = 20_000
const STAYS_FOR_REQUESTS = 100

/** Settles when the number was found in time and has stayed while many more were answered. */
async function foundToStay(shield: Shield, slots: number): Promise<Json> {
  const started = performance.now()
  let first: { at: number; answered: number } | null = null
  const answered = (): number => shield.lines('request').length
  const status = await shield.until(
    ({ upstreams }) => {
      if (upstreams[0].slots !== slots) first = null
      else if (/while one more waited/.test(String(upstreams[0].slots_from)))
        first ??= { at: performance.now(), answered: answered() }
      return first !== null && answered() >= first.answered + STAYS_FOR_REQUESTS
    },
    `${slots} slots that stay`,
    2 * FOUND_MS,
  )
  const { at } = first as unknown as { at: number }
  assert.ok(at - started <= FOUND_MS, `found after ${Math.round(at - started)} ms only`)
  return status
}

function allRight(statuses: number[]): void {
  assert.ok(statuses.length > 0)
  assert.deepEqual(
    statuses.filter(status => status !== 200),
    [],
    'a guess never costs a request',
  )
}

for (const workers of [1, 4]) {
  for (const place of ['TCP', 'Unix']) {
    test(`${workers} sync workers on a ${place} socket are found by what the kernel shows`, {
      skip,
    }, async t => {
      const bind = place === 'Unix' ? { bind: `unix:${temporaryFolder(t)}/g.sock` } : {}
      const gunicorn = await startGunicorn(t, { workers, timeout: 30, ...bind })
      const shield = await startShield(t, { upstream: gunicorn.address })
      const stop = load(t, shield, 12)
      const { upstreams } = await found(shield, workers)
      assert.equal(upstreams[0].slots_from, `kernel: ${workers} accepted while one more waited`)
      const line = await shield.logLine(entry => entry.msg === 'worker slots' && entry.slots === workers)
      assert.equal(line.detail, upstreams[0].slots_from)
      allRight(await stop())
    })
  }
}

test('threads accept more than they work on: the number is told by timing', { skip }, async t => {
  const gunicorn = await startGunicorn(t, { workers: 1, timeout: 30, args: ['--threads', '2'] })
  const shield = await startShield(t, { upstream: gunicorn.address })
  const stop = load(t, shield, 24)
  const { upstreams } = await shield.until(
    status => /^timing: /.test(String(status.upstreams[0].slots_from)),
    'number that was found by timing',
  )
  // On a machine with more to do than it can, times say this only roughly; test/admit has it to the number.
  assert.ok(upstreams[0].slots < 16, JSON.stringify(upstreams))
  allRight(await stop())
})

test('several processes with threads are not taken for an app without a limit', { skip }, async t => {
  const gunicorn = await startGunicorn(t, { workers: 2, timeout: 30, args: ['--threads', '2'] })
  const shield = await startShield(t, { upstream: gunicorn.address })
  const stop = load(t, shield, 32)
  const settled = /^timing: about \d+ at work at once, and more only wait for one another$/
  const { upstreams } = await shield.until(
    ({ upstreams: [seen] }) => settled.test(seen.slots_from) && seen.slots < 20,
    'number that was counted',
    2 * FOUND_MS,
  )
  assert.ok(upstreams[0].slots >= 4, JSON.stringify(upstreams))
  allRight(await stop())
})

test('requests that must not be sent twice find the number too', { skip }, async t => {
  const gunicorn = await startGunicorn(t, { workers: 2, timeout: 30 })
  const shield = await startShield(t, { upstream: gunicorn.address })
  const stop = load(t, shield, 8, 'POST')
  await found(shield, 2)
  allRight(await stop())
})

test('TTIN, TTOU and a restart are followed, and nothing is lost', { skip }, async t => {
  const gunicorn = await startGunicorn(t, { workers: 2, timeout: 30 })
  const shield = await startShield(t, { upstream: gunicorn.address })
  const stop = load(t, shield, 12)
  await found(shield, 2)
  process.kill(gunicorn.pid, 'SIGTTIN')
  await found(shield, 3)
  process.kill(gunicorn.pid, 'SIGTTOU')
  await found(shield, 2)
  process.kill(gunicorn.pid, 'SIGTTOU')
  await found(shield, 1)
  await gunicorn.stop('SIGTERM')
  await gunicorn.start()
  await found(shield, 2)
  allRight(await stop())
})

test('$WEB_CONCURRENCY is believed, and raised when more is worked on at once', { skip }, async t => {
  const gunicorn = await startGunicorn(t, { workers: 3, timeout: 30 })
  const shield = await startShield(t, { upstream: gunicorn.address, env: { WEB_CONCURRENCY: '2' } })
  const before = await shield.status()
  assert.deepEqual([before.upstreams[0].slots, before.upstreams[0].slots_from], [2, '$WEB_CONCURRENCY'])
  const [listening] = shield.lines('listening')
  assert.deepEqual([listening?.slots, listening?.slots_from], [2, '$WEB_CONCURRENCY'])
  const stop = load(t, shield, 12)
  const { upstreams } = await foundToStay(shield, 3)
  assert.equal(upstreams[0].slots_from, 'kernel: 3 accepted while one more waited, beyond $WEB_CONCURRENCY')
  allRight(await stop())
})

/** `$WEB_CONCURRENCY` says one; settles once more is believed as wanted, and nothing was lost to it. */
async function beyondOne(t: TestContext, upstream: string, clients: number, wanted: (seen: Json) => boolean) {
  const shield = await startShield(t, { upstream, env: { WEB_CONCURRENCY: '1' } })
  const before = await shield.status()
  assert.deepEqual([before.upstreams[0].slots, before.upstreams[0].slots_from], [1, '$WEB_CONCURRENCY'])
  const stop = load(t, shield, clients)
  // What is merely believed on the way there may read the same, and is not said.
  const isSaid = ({ slots, slots_from }: Json) =>
    shield.lines('worker slots').some(line => (line.slots ?? null) === slots && line.detail === slots_from)
  const { upstreams } = await shield.until(
    ({ upstreams: [seen] }) => wanted(seen) && isSaid(seen),
    'number beyond one, which the log tells, too',
    2 * FOUND_MS,
  )
  allRight(await stop())
  return upstreams[0]
}

// An app that waits for the processor may be late to accept, and so show an edge, far above what one worker could do; from
// there the number goes up by what is accepted: as far as somebody asks, and no further.
const holdsNobody = ({ slots }: Json): boolean => slots === null || slots >= 64
const TAKEN_AT_ONCE =
  /^(?:no limit: \d+ were at work at once|kernel: \d+ accepted(?:, and none waited yet| while one more waited))/

test('$WEB_CONCURRENCY of an ASGI app is no limit: it is lifted, and why is said', {
  skip: without('uvicorn'),
}, async t => {
  const seen = await beyondOne(t, await startUvicorn(t), 100, holdsNobody)
  assert.match(seen.slots_from, new RegExp(`${TAKEN_AT_ONCE.source}, beyond \\$WEB_CONCURRENCY$`))
})

test('$WEB_CONCURRENCY counts no threads: what they work on raises it, and why is said', {
  skip,
}, async t => {
  const gunicorn = await startGunicorn(t, { workers: 1, timeout: 30, args: ['--threads', '4'] })
  const settled = /^timing: \d+ at work at once, one more had to wait for them, beyond \$WEB_CONCURRENCY$/
  const seen = await beyondOne(t, gunicorn.address, 64, ({ slots_from }) => settled.test(slots_from))
  // How many to the number, on a machine with more to do than it can, times do not say; test/admit does.
  assert.ok(seen.slots > 1 && seen.slots < 32, JSON.stringify(seen))
})

test('--workers is obeyed, whatever there may be', { skip }, async t => {
  const gunicorn = await startGunicorn(t, { workers: 3, timeout: 30 })
  const shield = await startShield(t, { upstream: gunicorn.address, args: ['--workers', '2'] })
  const stop = load(t, shield, 8)
  await shield.queued(6)
  for (let i = 0; i < 20; i++) await shield.requestLine('/sleep', i + 1)
  const { upstreams } = await shield.status()
  assert.deepEqual([upstreams[0].slots, upstreams[0].slots_from], [2, '--workers'])
  allRight(await stop())
})

/** Answers each request after a moment, however many there are. */
const takesAll = `
const server = require('node:http').createServer((request, response) => {
  setTimeout(() => response.end('ok'), 40 + Math.random() * 20)
})
server.listen(0, '127.0.0.1', 1024, () => console.log(server.address().port))
`

// One that waits for the processor accepts late, and does not take all at once; only root may spare it that.
function atOnce(pid: number): void {
  if (process.getuid?.() === 0) setPriority(pid, -15)
}

test('an upstream that takes all at once has no limit', async t => {
  const child = spawn(process.execPath, ['-e', takesAll], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => void child.kill('SIGKILL'))
  const said = new Journal<string>('the upstream')
  createInterface({ input: child.stdout }).on('line', line => said.push(line))
  const port = await said.find(() => true, 'its port')
  atOnce(child.pid!)
  const shield = await startShield(t, { upstream: `127.0.0.1:${port}` })
  const stop = load(t, shield, 100)
  const lifted = ({ upstreams: [seen] }: Json): boolean => holdsNobody(seen)
  const { upstreams } = await shield.until(lifted, 'limit that would hold anybody back', 2 * FOUND_MS)
  assert.match(upstreams[0].slots_from, new RegExp(`${TAKEN_AT_ONCE.source}$`))
  allRight(await stop())
})
