// Mutated requests by the thousand: nothing crashes, nothing hangs, and what reaches the upstream is exactly what
// a strict reading of the client's bytes allows, one request to a connection, confirmed by Node's own parser.
// 20,000 of them in CI, elsewhere 2,000; FUZZ=n says how many, FUZZ_SEED=n which.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAnswer, values } from '../support/answer.ts'
import { readByNode } from '../support/node-reading.ts'
import { Random } from '../support/random.ts'
import { connectRaw, type RawClient } from '../support/raw-client.ts'
import { type Recorded, type Recorder, startRecorder } from '../support/recorder.ts'
import { modes, type Shield, startShield } from '../support/shield.ts'
import { readRequest, type StrictRequest } from '../support/strict-reading.ts'

const count = Number(process.env.FUZZ ?? (process.env.CI === undefined ? 2_000 : 20_000))
const seed = Number(process.env.FUZZ_SEED ?? 20_261_121)
const lanes = 24

const seeds = [
  'GET /a?b=c HTTP/1.1\r\nHost: app.test\r\nAccept: */*\r\nX-One: 1\r\n\r\n',
  'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  'POST /p HTTP/1.1\r\nHost: app.test\r\nContent-Length: 11\r\n\r\nhello world',
  'POST /c HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n',
  'PUT /t HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3;ext=1\r\nabc\r\n0\r\nX-T: v\r\n\r\n',
  'GET http://app.test/abs HTTP/1.1\r\nHost: app.test\r\n\r\n',
  'POST /e HTTP/1.1\r\nHost: app.test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc',
  'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET /3 HTTP/1.1\r\nHost: a\r\n\r\n',
]
const inserted = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  '\x0b',
  '\x7f',
  ',',
  ';',
  '#',
  '\xff',
  '0',
  '\r\n ',
  '\r\n\r\n',
]
const fields = [
  'Content-Length: 3',
  'Content-Length: 0',
  'Content-Length: 11',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Host: b',
  'Connection: close',
  'Connection: Host',
  'X_Y: 1',
  'Expect: 100-continue',
  'TE: trailers',
  'X-Forwarded-For: 1.2.3.4',
]

function mutate(random: Random): Buffer {
  let text = random.pick(seeds)
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(text.length)
    const lines = text.split('\r\n')
    switch (random.below(7)) {
      case 0:
        text =
          text.slice(0, at) +
          String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(8))) +
          text.slice(at + 1)
        break
      case 1:
      case 2:
        text = text.slice(0, at) + random.pick(inserted) + text.slice(at)
        break
      case 3:
        text = text.slice(0, at) + text.slice(at + 1 + random.below(3))
        break
      case 4:
        lines.splice(1 + random.below(lines.length - 1), 0, random.pick(fields))
        text = lines.join('\r\n')
        break
      case 5:
        lines.splice(1, 0, random.pick(lines))
        text = lines.join('\r\n')
        break
      default:
        text += random.pick(seeds)
    }
    if (text === '') text = ' '
  }
  return Buffer.from(text, 'latin1')
}

interface Expected {
  /** Requests a strict reader finds before the first offence. */
  requests: { request: StrictRequest; doubtful: boolean }[]
  end: 'clean' | 'incomplete' | 'wrong'
  /** The offence, or empty. */
  why: string
}

function expect(bytes: Buffer): Expected {
  const expected: Expected = { requests: [], end: 'clean', why: '' }
  let rest = bytes
  while (rest.length > 0) {
    const reading = readRequest(rest)
    if (reading.kind !== 'whole') {
      expected.end = reading.kind
      if (reading.kind === 'wrong') expected.why = reading.why
      return expected
    }
    expected.requests.push(reading)
    rest = rest.subarray(reading.size)
    if (closes(reading.request)) break
  }
  return expected
}

function closes(request: StrictRequest): boolean {
  const options = values(request, 'connection')
    .join(',')
    .toLowerCase()
    .split(/[ \t]*,[ \t]*/)
  return options.includes('close') || (request.version === '1.0' && !options.includes('keep-alive'))
}

/** Finals received so far, and whether the last of them closes. */
function finals(client: RawClient, expected: Expected): number[] {
  const statuses: number[] = []
  let rest = client.received
  while (rest.length > 0) {
    const method = expected.requests[statuses.length]?.request.method ?? 'GET'
    const answer = readAnswer(rest, method, client.ending === 'fin')
    if (answer === null || !answer.whole) break
    if (answer.status >= 200) statuses.push(answer.status)
    rest = rest.subarray(answer.size)
  }
  return statuses
}

async function play(
  shield: Shield,
  owner: Parameters<typeof connectRaw>[0],
  bytes: Buffer,
  from: string,
  random: Random,
): Promise<[Expected, number[]]> {
  const expected = expect(bytes)
  const client = await connectRaw(owner, shield.address, { from })
  const cut = random.below(bytes.length)
  if (random.below(2) === 0) client.send(bytes)
  else {
    await client.sent(bytes.subarray(0, cut))
    client.send(bytes.subarray(cut))
  }
  // What a strict reader finds whole must be answered before the client half-closes; else a FIN would mean
  // that it has left.
  const enough = expected.requests.length + (expected.end === 'wrong' ? 1 : 0)
  const done = (): boolean => {
    const got = finals(client, expected)
    return client.ending !== null || got.length >= enough || got.some(status => status >= 400)
  }
  await client.until(done, `${enough} answers to ${JSON.stringify(bytes.toString('latin1'))}`)
  client.halfClose()
  await client.ended()
  const statuses = finals(client, expected)
  client.close()
  return [expected, statuses]
}

function originForm(target: string): string {
  const match = /^https?:\/\/[^/?]*(.*)$/i.exec(target)
  if (match === null) return target
  return match[1]?.startsWith('/') ? match[1] : `/${match[1]}`
}

async function judge(
  bytes: Buffer,
  expected: Expected,
  statuses: number[],
  arrived: Recorded[],
): Promise<void> {
  const shown = JSON.stringify(bytes.toString('latin1'))
  // A 417 without a body leaves no doubt about what follows: the connection may go on after it.
  if (expected.why === 'another expectation' && statuses.includes(417)) return
  assert.ok(
    arrived.length <= expected.requests.length,
    `${arrived.length} forwarded, ${expected.requests.length} allowed: ${shown}`,
  )
  assert.equal(
    arrived.length,
    statuses.filter(status => status === 200).length,
    `answers ${statuses} to ${shown}`,
  )
  assert.ok(!statuses.includes(500), `a failure of the proxy itself: ${shown}`)
  for (const [index, { request, doubtful }] of expected.requests.entries()) {
    const recorded = arrived[index]
    if (recorded === undefined) {
      assert.ok(doubtful, `refused with ${statuses[index]} what is right: ${shown}`)
      break
    }
    const got = recorded.request
    assert.equal(got.method, request.method, shown)
    assert.equal(got.target, originForm(request.target), shown)
    assert.deepEqual(got.body, request.body, shown)
    const byNode = await readByNode(recorded.bytes).catch((error: Error) => error)
    // Node refuses methods it does not know, and bytes that are allowed here; it must never see two requests.
    if (byNode instanceof Error) continue
    assert.equal(
      byNode.length,
      1,
      `Node reads ${byNode.length} requests: ${JSON.stringify(recorded.bytes.toString('latin1'))}`,
    )
    assert.equal(byNode[0]?.method, got.method)
    assert.equal(byNode[0]?.target, got.target)
    assert.deepEqual(byNode[0]?.body, got.body)
  }
  if (expected.end === 'wrong' && arrived.length === expected.requests.length) {
    assert.ok(
      statuses.length === 0 || statuses.at(-1)! >= 400 || statuses.length === arrived.length,
      `${statuses} to ${shown}`,
    )
  }
}

test(`${count} mutated requests`, { timeout: 600_000 }, async t => {
  const recorder = await startRecorder(t)
  const timeouts = ['--header-timeout', '2s', '--body-timeout', '2s', '--trusted-proxies', '192.0.2.0/24']
  const args = ['--workers', '64', ...timeouts, ...modes[0].args]
  const shield = await startShield(t, { upstream: recorder.address, args })
  const failures: string[] = []
  let next = 0
  let forwarded = 0
  const lane = async (number: number): Promise<void> => {
    const from = `127.0.0.${number + 2}`
    while (next < count && failures.length < 20) {
      const index = next++
      const random = new Random(seed + index)
      const bytes = mutate(random)
      const closers: (() => unknown)[] = []
      try {
        const [expected, statuses] = await play(
          shield,
          { after: close => void closers.push(close) },
          bytes,
          from,
          random,
        )
        const mine = takeOf(recorder, from)
        forwarded += mine.length
        await judge(bytes, expected, statuses, mine)
      } catch (error) {
        takeOf(recorder, from)
        failures.push(`case ${index}: ${(error as Error).message}`)
      }
      for (const close of closers) close()
    }
  }
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)))
  assert.equal(failures.length, 0, `${failures.length} of ${next} failed:\n${failures.join('\n\n')}`)
  const odd = recorder.connections.entries.filter(each => each.bytes.length > 0)
  assert.equal(
    odd.length,
    0,
    `not one whole request: ${odd[0] && JSON.stringify(odd[0].bytes.toString('latin1'))}`,
  )
  assert.ok(forwarded > count / 10, `too few were forwarded to prove anything: ${forwarded}`)
  assert.equal((await shield.get('/alive')).status, 200)
})

/** The connections that the client at this address caused, as the proxy itself names it. */
function takeOf(recorder: Recorder, from: string): Recorded[] {
  const { entries } = recorder.connections
  const mine: Recorded[] = []
  for (let index = entries.length - 1; index >= 0; index--) {
    const recorded = entries[index] as Recorded
    if (recorded.reading.kind !== 'whole') continue
    const named = values(recorded.request, 'x-real-ip')
    assert.equal(named.length, 1, 'one X-Real-IP')
    if (named[0] !== from) continue
    entries.splice(index, 1)
    mine.unshift(recorded)
  }
  return mine
}
