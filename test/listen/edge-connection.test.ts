import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../src/errors.ts'
import type { Phase } from '../../src/phases.ts'
import { until } from '../spool/rig.ts'
import { open } from './rig.ts'

const get = (target: string, ...fields: string[]) =>
  ['GET ' + target + ' HTTP/1.1', 'Host: app.test', ...fields, '', ''].join('\r\n')
const post = (target: string, body: string) =>
  `POST ${target} HTTP/1.1\r\nHost: app.test\r\nContent-Length: ${body.length}\r\n\r\n${body}`

/** Collects a body, as the pipeline has it read. */
function sink() {
  const found = {
    text: '',
    ended: false,
    data: (chunk: Buffer) => void (found.text += chunk.toString()),
    end() {},
  }
  found.end = () => void (found.ended = true)
  return found
}

test('requests on one connection are served one after another', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  for (const target of ['/a', '/b', '/c']) {
    client.request('GET', target)
    const request = await host.next()
    assert.equal(request.head?.target, target)
    assert.equal(request.exchange.bytesIn, request.head.bytes)
    request.answer()
    assert.equal((await client.answer()).body.toString(), target)
  }
  assert.equal(host.edges[0]!.served, 3)
})

test('pipelined requests wait their turn, in order', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.send(get('/1') + get('/2') + get('/3'))
  for (const target of ['/1', '/2', '/3']) {
    const request = await host.next()
    assert.equal(request.head?.target, target)
    // Nothing of the next one before this one is answered, however often the loop turns.
    for (let i = 0; i < 5; i++) await new Promise(setImmediate)
    assert.equal(host.requests.entries.at(-1), request)
    request.answer()
  }
  for (const target of ['/1', '/2', '/3']) assert.equal((await client.answer()).body.toString(), target)
})

test('requests that wait their turn are served where FIN comes between one and the next', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.send(get('/1') + get('/2') + get('/3'))
  const first = await host.next()
  first.answer()
  // The socket's: in the same turn of the loop, before the next has begun.
  first.edge.ended()
  for (const target of ['/2', '/3']) {
    const request = await host.next()
    assert.equal(request.head?.target, target)
    assert.ok(request.exchange.clientPresent)
    request.answer()
  }
  for (const target of ['/1', '/2', '/3']) assert.equal((await client.answer()).body.toString(), target)
  assert.equal(await client.ended(), 'fin')
})

test('half an empty line, and FIN', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.request('GET', '/1')
  ;(await host.next()).answer()
  await client.answer()
  client.send('\r').halfClose()
  assert.equal(await client.ended(), 'fin')
  assert.equal(host.requests.entries.length, 1)
})

test('a client that resets while bytes wait for it is told as one that left, and not as one that took them', async t => {
  const { host, connect } = await open(t)
  const client = await connect({ paused: true })
  client.request('GET', '/1')
  const { exchange, edge } = await host.next()
  const told: string[] = []
  exchange.onInterrupt = ({ code }) => told.push(code)
  const { outlet } = edge
  while (outlet.write(Buffer.alloc(1 << 20)));
  outlet.onWritable = () => told.push('writable')
  client.reset()
  await host.events.find(event => event === 'closed', 'the close')
  assert.deepEqual(told, ['client_left', 'writable'])
})

test('a long pipeline does not nest one request in the other', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  const { serve } = host
  let depth = 0
  host.serve = (...all) => {
    assert.equal(++depth, 1, 'one request is served from within another')
    serve.apply(host, all)
    host.requests.entries.at(-1)!.answer()
    depth--
  }
  const count = 1_000
  client.send(get('/x').repeat(count))
  await host.requests.until(() => host.requests.entries.length === count, 'all of them')
  await client.until(
    () => client.received.toString().split('HTTP/1.1 200').length === count + 1,
    'all answers',
  )
})

test('a head that comes byte by byte is read', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  for (const byte of `\r\n${get('/slow', 'X-A: b')}`) await client.sent(Buffer.from(byte))
  const request = await host.next()
  assert.equal(request.head?.headers.get('x-a'), 'b')
  assert.equal(request.exchange.bytesIn, get('/slow', 'X-A: b').length)
})

test('one empty line before a request line is skipped, a second is refused', async t => {
  const { host, connect } = await open(t)
  const polite = await connect()
  polite.send(`\r\n${get('/a')}`)
  const first = await host.next()
  assert.equal(first.head?.target, '/a')
  first.answer()
  polite.send(`\r\n${get('/b')}`)
  assert.equal((await host.next()).head?.target, '/b')
  const rude = await connect()
  rude.send(`\r\n\r\n\r\n${get('/c')}`)
  assert.equal((await host.next()).failure?.code, 'bad_request')
})

test('an empty line alone begins no request', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  await host.events.find(event => event === 'accepted', 'the accept')
  const edge = host.edges[0]!
  client.send('\r\n')
  await until(() => edge.raw.bytesRead === 2)
  assert.deepEqual([edge.state, edge.served], ['idle', 0])
})

const refused: Record<string, [bytes: string, code: string]> = {
  'a bare LF': ['GET / HTTP/1.1\nHost: a\n\n', 'bad_request'],
  'no Host': ['GET / HTTP/1.1\r\n\r\n', 'bad_request'],
  'both lengths': [
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'bad_request',
  ],
  'a coding': [
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
    'coding_not_supported',
  ],
  'HTTP/2': ['PRI * HTTP/2.0\r\n\r\n', 'version_not_supported'],
  'a long target': [`GET /${'x'.repeat(2000)}`, 'target_too_long'],
  'a long head': [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(2000)}`, 'head_too_large'],
  'a long head that is whole': [get('/', `X: ${'x'.repeat(2000)}`), 'head_too_large'],
}
for (const [name, [bytes, code]] of Object.entries(refused)) {
  test(`${name} is refused with ${code}, and the connection ends with the answer`, async t => {
    const { host, connect } = await open(t, { maxHeader: 1000 })
    const client = await connect()
    client.send(bytes)
    const { failure, answer, exchange } = await host.next()
    assert.equal(failure?.code, code)
    assert.ok(exchange.bytesIn > 0)
    answer(false)
    assert.equal((await client.answer()).status, failure.kind.status)
    assert.equal(await client.ended(), 'fin')
    assert.equal(host.requests.entries.length, 1)
  })
}

test('a request line that is wrong is refused at once, and the rest of its head is no request', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  await client.sent(Buffer.from('get '))
  client.send('/x?secret=1\r\n')
  const { failure, answer, exchange, edge } = await host.next()
  assert.equal(failure?.code, 'bad_request')
  assert.deepEqual([exchange.bytesIn, edge.unreadLines], [17, ['get /x?secret=1', '']])
  client.send(`Host: app.test\r\n\r\n${get('/next')}`)
  answer(false)
  assert.equal((await client.answer()).status, 400)
  assert.equal(await client.ended(), 'fin')
  assert.equal(host.requests.entries.length, 1)
})

test('a client that still sends reads the answer that refuses it', { timeout: 30_000 }, async t => {
  const { host, connect } = await open(t, { maxHeader: 1000 })
  const client = await connect()
  let sending = true
  const body = Buffer.alloc(256 * 1024, 'x')
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n`)
  const flood = (async () => {
    while (sending) await client.sent(body)
  })()
  ;(await host.next()).answer(false)
  const answer = await client.answer()
  assert.equal(answer.status, 200)
  assert.equal(await client.ended(), 'fin', 'an orderly end, not a reset')
  sending = false
  await flood
  client.halfClose()
  await host.events.find(event => event === 'closed', 'the close')
})

// — deadlines

test('a head that is not whole in time is refused as too slow', async t => {
  const { host, connect } = await open(t, { headerTimeout: 30_000 })
  const client = await connect()
  client.send('GET / HTTP/1.1\r\n')
  await until(() => host.edges[0]?.state === 'head')
  host.pass(29_000)
  assert.equal(host.requests.entries.length, 0)
  host.pass(30_001)
  const { failure, answer } = await host.next()
  assert.equal(failure?.code, 'request_timeout')
  answer(false)
  assert.equal((await client.answer()).status, 408)
  assert.equal(await client.ended(), 'fin')
})

test('the first head’s time runs from the accept, whatever trickles in', async t => {
  const { host, connect } = await open(t, { headerTimeout: 30_000 })
  const client = await connect()
  await host.events.find(event => event === 'accepted', 'the accept')
  const { deadline } = host.edges[0]!
  client.send('GET / HTTP/1.1\r\n')
  await until(() => host.edges[0]?.state === 'head')
  assert.equal(host.edges[0]!.deadline, deadline)
})

test('a later head’s time runs from its first byte', async t => {
  const { host, connect } = await open(t, { headerTimeout: 30_000, keepaliveTimeout: 900_000 })
  const client = await connect()
  client.request('GET', '/a')
  ;(await host.next()).answer()
  await client.answer()
  const idle = host.edges[0]!.deadline
  client.send('G')
  await until(() => host.edges[0]?.state === 'head')
  assert.ok(host.edges[0]!.deadline < idle - 800_000)
  host.pass(30_001)
  assert.equal((await host.next()).failure?.code, 'request_timeout')
})

test('silence ends without a word: before the first request, and after the keep-alive time', async t => {
  const { host, connect } = await open(t, { headerTimeout: 30_000, keepaliveTimeout: 900_000 })
  const silent = await connect()
  await host.events.find(event => event === 'accepted', 'the accept')
  host.pass(30_001)
  assert.equal(await silent.ended(), 'fin')
  const idle = await connect()
  idle.request('GET', '/a')
  ;(await host.next()).answer()
  await idle.answer()
  host.pass(899_000)
  idle.request('GET', '/b')
  ;(await host.next()).answer()
  await idle.answer()
  host.pass(900_001)
  assert.equal(await idle.ended(), 'fin')
  assert.equal(idle.received.length, 0)
  assert.equal(host.requests.entries.length, 2)
})

test('no deadline runs while a request is under way', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.request('GET', '/a')
  const request = await host.next()
  host.pass(1e9)
  request.answer()
  assert.equal((await client.answer()).status, 200)
})

test('a client that reads nothing is cut off, and its exchange is told', { timeout: 30_000 }, async t => {
  const { host, connect } = await open(t, { sendTimeout: 60_000 })
  const client = await connect({ paused: true })
  client.request('GET', '/a')
  const { edge, exchange } = await host.next()
  const told: string[] = []
  exchange.onInterrupt = failure => told.push(failure.code)
  while (edge.outlet.write(Buffer.alloc(1024 * 1024))) await new Promise(setImmediate)
  // What the kernel takes meanwhile counts as reading; once it takes no more, that is the end.
  while (told.length === 0) {
    host.pass(60_001)
    await new Promise(setImmediate)
  }
  assert.deepEqual(told, ['send_timeout'])
  assert.equal(exchange.clientPresent, false)
  client.socket.resume()
  assert.equal(await client.ended(), 'reset')
  await host.events.find(event => event === 'closed', 'the close')
})

// — bodies

test('a body is read when it is asked for, and what follows it is the next request', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.send(post('/a', 'hello') + get('/b'))
  const first = await host.next()
  assert.equal(first.edge.requestWhole, false)
  const body = sink()
  first.edge.readBody(body)
  assert.deepEqual([body.text, body.ended, first.edge.requestWhole], ['hello', true, true])
  first.answer()
  assert.equal((await host.next()).head?.target, '/b')
})

test('a body that comes after it is asked for', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.send('POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
  const { edge, exchange } = await host.next()
  const body = sink()
  edge.readBody(body)
  const before = exchange.bytesIn
  for (const piece of ['5\r\nhel', 'lo\r\n0\r', `\n\r\n${get('/b').slice(0, 10)}`])
    await client.sent(Buffer.from(piece))
  await until(() => body.ended)
  assert.equal(body.text, 'hello')
  assert.equal(exchange.bytesIn - before, '5\r\nhello\r\n0\r\n\r\n'.length)
})

test('a body that was never asked for ends the connection after the answer', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.send(post('/a', 'hello') + get('/b'))
  ;(await host.next()).answer()
  assert.equal((await client.answer()).status, 200)
  assert.equal(await client.ended(), 'fin')
  assert.equal(host.requests.entries.length, 1)
})

test('100 Continue is said once, and not to a client whose body is here already', async t => {
  const { host, connect } = await open(t)
  const waiting = await connect()
  waiting.send('POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n')
  const { edge } = await host.next()
  edge.sendContinue()
  assert.equal((await waiting.answer()).status, 100)
  const eager = await connect()
  eager.send('POST /b HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok')
  const second = await host.next()
  second.edge.sendContinue()
  second.edge.readBody(sink())
  second.answer()
  assert.equal((await eager.answer()).status, 200)
})

test('what comes of a body that nobody wants any more is thrown away, and FIN is heard behind it', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.send(`POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(200_000)}`)
  const { edge, exchange, answer } = await host.next()
  exchange.enter('responding')
  const body = sink()
  edge.readBody(body)
  edge.pauseReading()
  edge.discardBody()
  const before = body.text.length
  await client.sent(Buffer.alloc(500_000, 'x'))
  client.halfClose()
  await until(() => edge.halfClosed)
  assert.deepEqual([body.text.length, body.ended, edge.requestWhole], [before, false, false])
  answer()
  assert.equal((await client.answer()).status, 200)
  assert.equal(await client.ended(), 'fin', 'the connection is of no further use')
})

test('a request that is whole has nothing to be discarded', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.send(post('/a', 'hello') + get('/b'))
  const { edge, answer } = await host.next()
  edge.readBody(sink())
  edge.discardBody()
  answer()
  assert.equal((await host.next()).head?.target, '/b')
})

test('it tells since when it has waited for a request, or for the rest of a head', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  await host.events.find(event => event === 'accepted', 'the accept')
  const edge = host.edges[0]!
  assert.equal(edge.waitingSince, edge.idleSince)
  client.send(get('/a').slice(0, 10))
  await until(() => edge.state === 'head')
  assert.ok(edge.waitingSince >= edge.idleSince)
  client.send(get('/a').slice(10))
  const request = await host.next()
  assert.equal(edge.waitingSince, 0)
  request.answer()
  assert.equal(edge.waitingSince, edge.idleSince)
})

test('whatever its request waits for can be ended', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.request('GET', '/a')
  const { edge, exchange, answer } = await host.next()
  const told: string[] = []
  exchange.onInterrupt = failure => told.push(failure.code)
  edge.outlet.exchange?.interrupt(new Failure('drain_timeout'))
  assert.deepEqual([told, exchange.clientPresent], [['drain_timeout'], true])
  answer()
  edge.outlet.exchange?.interrupt(new Failure('drain_timeout'))
})

test('a body that breaks the coding ends the exchange’s wait', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.send('POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nnonsense')
  const { edge, exchange } = await host.next()
  const told: string[] = []
  exchange.onInterrupt = failure => told.push(failure.code)
  const body = sink()
  edge.readBody(body)
  assert.deepEqual([told, body.ended], [['bad_request'], false])
})

test('more than 64 KB in a pipeline stops the reading, and nothing is lost', { timeout: 30_000 }, async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  const targets = Array.from({ length: 200 }, (_, i) => `/${i}-${'x'.repeat(4000)}`)
  const sent = client.sent(Buffer.from(targets.map(target => get(target)).join('')))
  const first = await host.next()
  await until(() => first.edge.socket.isPaused())
  first.answer()
  for (const target of targets.slice(1)) {
    const request = await host.next()
    assert.equal(request.head?.target, target)
    request.answer()
  }
  await sent
  for (const target of targets) assert.equal((await client.answer()).body.toString(), target)
})

test('a connection that closes with a pipeline unread still hears its client close', {
  timeout: 30_000,
}, async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  const flood = client.sent(Buffer.from(get('/a').repeat(8_000)))
  const { edge, answer } = await host.next()
  await until(() => edge.socket.isPaused())
  answer(false)
  assert.equal((await client.answer()).status, 200)
  assert.equal(await client.ended(), 'fin')
  await flood
  client.halfClose()
  await host.events.find(event => event === 'closed', 'the close')
  assert.equal(host.requests.entries.length, 1)
})

// — clients that leave

test('FIN between requests ends the connection', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.request('GET', '/a')
  ;(await host.next()).answer()
  await client.answer()
  client.halfClose()
  assert.equal(await client.ended(), 'fin')
  await host.events.find(event => event === 'closed', 'the close')
  assert.equal(host.requests.entries.length, 1)
})

test('FIN or a reset in the middle of a head stands in the log, and nobody is answered', async t => {
  for (const leave of ['halfClose', 'reset'] as const) {
    const { host, connect } = await open(t)
    const client = await connect()
    client.send('GET / HT')
    await until(() => host.edges[0]?.state === 'head')
    client[leave]()
    const { failure, exchange } = await host.next()
    assert.equal(failure?.code, 'client_left')
    assert.deepEqual([exchange.clientPresent, exchange.bytesIn], [false, 8])
    await host.events.find(event => event === 'closed', 'the close')
    assert.equal(host.requests.entries.length, 1)
  }
})

test('FIN in the middle of a pipelined head is noticed when its turn comes', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.send(`${get('/a')}GET /b HT`)
  const first = await host.next()
  first.exchange.enter('waiting')
  client.halfClose()
  await until(() => first.edge.halfClosed)
  first.answer()
  assert.equal((await client.answer()).status, 200)
  const { failure, exchange } = await host.next()
  assert.deepEqual([failure?.code, exchange.clientPresent], ['client_left', false])
  await host.events.find(event => event === 'closed', 'the close')
})

test('an empty line and FIN after a request end the connection with its answer', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.send(`${get('/a')}\r\n`)
  const first = await host.next()
  first.exchange.enter('waiting')
  client.halfClose()
  await until(() => first.edge.halfClosed)
  first.answer()
  assert.equal((await client.answer()).status, 200)
  assert.equal(await client.ended(), 'fin')
  await host.events.find(event => event === 'closed', 'the close')
})

for (const [phase, leaves] of [
  ['receiving', true],
  ['queued', true],
  ['held', true],
  ['connecting', false],
  ['waiting', false],
  ['responding', false],
  ['delivering', false],
] as [Phase, boolean][]) {
  test(`FIN while a request is ${phase} ${leaves ? 'means that its client has left' : 'leaves it its answer'}`, async t => {
    const { host, connect } = await open(t)
    const client = await connect()
    client.request('GET', '/a')
    const { edge, exchange, answer } = await host.next()
    const told: string[] = []
    exchange.onInterrupt = failure => told.push(failure.code)
    exchange.enter(phase)
    client.halfClose()
    await until(() => edge.halfClosed)
    assert.deepEqual([told, exchange.clientPresent], [leaves ? ['client_left'] : [], !leaves])
    answer()
    // The half-closing client gets its answer where there is one, and then our FIN.
    assert.equal((await client.answer()).status, 200)
    assert.equal(await client.ended(), 'fin')
    await host.events.find(event => event === 'closed', 'the close')
  })
}

test('FIN in the middle of a body that a worker is reading means that the client has left', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.send('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhel')
  const { edge, exchange } = await host.next()
  exchange.enter('waiting')
  edge.readBody(sink())
  client.halfClose()
  await until(() => edge.halfClosed)
  assert.equal(exchange.clientPresent, false)
})

test('pipelined requests before a FIN are all served', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.send(get('/a') + get('/b'))
  const first = await host.next()
  first.exchange.enter('waiting')
  client.halfClose()
  await until(() => first.edge.halfClosed)
  first.answer()
  const second = await host.next()
  second.answer()
  assert.equal((await client.answer()).body.toString(), '/a')
  assert.equal((await client.answer()).body.toString(), '/b')
  assert.equal(await client.ended(), 'fin')
})

test('a reset at any time tells the exchange, whoever waits to write, and the host, once', async t => {
  const { host, connect } = await open(t)
  const client = await connect({ paused: true })
  client.request('GET', '/a')
  const { edge, exchange } = await host.next()
  exchange.enter('responding')
  const told: string[] = []
  exchange.onInterrupt = failure => told.push(failure.code)
  while (edge.outlet.write(Buffer.alloc(1024 * 1024))) await new Promise(setImmediate)
  let woken = 0
  edge.outlet.onWritable = () => woken++
  client.reset()
  await host.events.find(event => event === 'closed', 'the close')
  assert.deepEqual([told, woken, edge.outlet.flushed, edge.state], [['client_left'], 1, true, 'closed'])
  assert.equal(edge.outlet.write('more'), true, 'writing to nobody is never held up')
  edge.finish(true)
  assert.deepEqual(
    host.events.entries.filter(event => event === 'closed'),
    ['closed'],
  )
})

// — the end

test('what is written is counted, and a client that keeps up is never waited for', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.request('GET', '/a')
  const { edge, exchange } = await host.next()
  assert.equal(edge.outlet.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'), true)
  assert.equal(edge.outlet.write(Buffer.from('ok')), true)
  assert.equal(edge.outlet.flushed, true)
  edge.finish(true)
  const answer = await client.answer()
  assert.equal(exchange.bytesOut, answer.size)
})

test('a client that lags is waited for until the kernel has all of it', { timeout: 30_000 }, async t => {
  const { host, connect } = await open(t)
  const client = await connect({ paused: true })
  client.request('GET', '/a')
  const { edge } = await host.next()
  const total = 12 * 1024 * 1024
  edge.outlet.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`)
  assert.equal(edge.outlet.write(Buffer.alloc(total)), false)
  assert.equal(edge.outlet.flushed, false)
  const writable = new Promise<void>(resolve => (edge.outlet.onWritable = resolve))
  client.socket.resume()
  await writable
  assert.equal(edge.outlet.flushed, true)
  edge.finish(false)
  assert.equal((await client.answer()).body.length, total)
})

test('a connection that is not to stay ends with its answer, whatever waits on it', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.send(get('/a') + get('/b'))
  const request = await host.next()
  request.answer(false)
  assert.equal((await client.answer()).status, 200)
  assert.equal(await client.ended(), 'fin')
  assert.equal(host.requests.entries.length, 1)
})

test('a connection that lingers is closed when its client does, or after a while', async t => {
  const { host, connect } = await open(t)
  for (const how of ['FIN', 'time'] as const) {
    const client = await connect()
    client.request('GET', '/a')
    const { answer, edge } = await host.next()
    answer(false)
    await client.ended()
    assert.equal(edge.state, 'lingering')
    const closed = host.events.entries.length
    if (how === 'FIN') client.halfClose()
    else host.pass(5_001)
    await host.events.until(() => host.events.entries.length > closed, 'the close')
  }
})

test('a cut answer does not end in order where a reset was asked for', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.request('GET', '/a')
  const { edge } = await host.next()
  edge.outlet.write('HTTP/1.0 200 OK\r\n\r\npart')
  await client.receives('part')
  edge.cut(true)
  assert.equal(await client.ended(), 'reset')
})

test('a connection that is handed over is no longer this one’s', async t => {
  const { host, connect } = await open(t)
  const client = await connect()
  client.send(`${get('/ws')}early bytes`)
  const { edge, exchange } = await host.next()
  const { socket, rest } = edge.release()
  assert.equal(String(rest), 'early bytes')
  assert.deepEqual([host.edges.length, edge.state], [0, 'closed'])
  const bytes = new Promise(resolve => socket.once('data', resolve))
  client.send('later bytes')
  assert.equal(String(await bytes), 'later bytes')
  host.pass(1e9)
  socket.destroy()
  await client.ended()
  assert.equal(exchange.clientPresent, true)
})

// All connections read into one buffer: what one has kept must not change with what another reads.

test('half a head stays as it came while another client sends', async t => {
  const { host, connect } = await open(t)
  const [first, second] = [await connect(), await connect()]
  first.send('GET /first HTTP/1.1\r\nHost: one.test\r\nX-Half: a')
  await until(() => host.edges.some(edge => edge.state === 'head'))
  second.send('GET /other HTTP/1.1\r\nHost: two.test\r\nX-Whole: bbbbbbbbbbbbbbbbbbb\r\n\r\n')
  assert.equal((await host.next()).head?.target, '/other')
  first.send('a\r\n\r\n')
  const { head } = await host.next()
  assert.deepEqual([head?.target, head?.host, head?.headers.get('x-half')], ['/first', 'one.test', 'aa'])
})

test('a request that waits its turn, and a body that was not asked for, stay as they came', async t => {
  const { host, connect } = await open(t)
  const [first, second] = [await connect(), await connect()]
  first.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody')
  const one = await host.next()
  second.send(`GET /${'x'.repeat(200)} HTTP/1.1\r\nHost: b\r\n\r\n`)
  await host.next()
  one.answer()
  const two = await host.next()
  assert.equal(two.head?.target, '/2')
  second.send('y'.repeat(300))
  await until(() => host.edges[1]!.raw.bytesRead > 500)
  let body = ''
  two.edge.readBody({ data: chunk => void (body += chunk.toString()), end: () => {} })
  assert.equal(body, 'body')
})
