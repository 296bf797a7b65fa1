import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { afterwards, soon } from '../../src/afterwards.ts'
import { Failure } from '../../src/errors.ts'
import { Exchange } from '../../src/exchange.ts'
import type { Framing } from '../../src/http1/framing.ts'
import { HeaderList } from '../../src/http1/headers.ts'
import { type ClientWriter, Delivery, type DeliveryOptions } from '../../src/response/delivery.ts'
import type { SpoolFs } from '../../src/spool/folder.ts'
import { SpoolReader } from '../../src/spool/reader.ts'
import type { SpoolStore } from '../../src/spool/store.ts'
import { answer } from '../http1/messages.ts'
import { check, dice, KB, MB, piece, rig, settled, until } from '../spool/rig.ts'
import { readAnswer } from '../support/answer.ts'

/** A client's connection that takes everything, or that holds back what it is given until `take`. */
class Client implements ClientWriter {
  onWritable: (() => void) | null = null
  flushed = true
  /** Whether the next write goes to the kernel whole. */
  ready: () => boolean = () => true
  readonly #pieces: Buffer[] = []

  write(bytes: Buffer | string): boolean {
    assert.ok(this.flushed, 'it was written to before it asked for more')
    assert.ok(bytes.length > 0, 'an empty write')
    this.#pieces.push(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes))
    this.flushed = this.ready()
    return this.flushed
  }

  /** The kernel has taken what was held back. */
  take(): void {
    this.flushed = true
    const wake = this.onWritable
    this.onWritable = null
    wake?.()
  }

  get received(): Buffer {
    return Buffer.concat(this.#pieces)
  }
}

interface Rig {
  readonly delivery: Delivery
  readonly client: Client
  readonly exchange: Exchange
  readonly store: SpoolStore
  /** How often the worker was told to go on. */
  resumed: number
  /** How it ended: undefined until then. */
  ended: Failure | null | undefined
  spools: number
}

function deliver(
  t: TestContext,
  options: Partial<DeliveryOptions> & { memory?: number; disk?: number; fs?: SpoolFs } = {},
): Rig {
  const { memory = 64 * MB, disk = 0, fs, ...rest } = options
  const { store } = rig(t, { memory, disk, ...(fs === undefined ? {} : { fs }) })
  const client = new Client()
  const exchange = new Exchange('192.0.2.1', 0)
  exchange.enter('responding')
  const found: Rig = { client, exchange, store, resumed: 0, ended: undefined, spools: 0 } as unknown as Rig
  const delivery = new Delivery({
    exchange,
    client,
    clientIs10: false,
    sayKeepAlive: false,
    wantsTrailers: false,
    keepsAccel: false,
    buffering: true,
    keepAlive: () => true,
    openSpool: () => {
      found.spools++
      return store.spool('response', null, false)
    },
    resumeWorker: () => found.resumed++,
    done: failure => {
      assert.equal(found.ended, undefined, 'done was called twice')
      found.ended = failure
    },
    ...rest,
  })
  return Object.assign(found, { delivery })
}

const length = (bytes: number): Framing => ({ kind: 'length', length: bytes })
const chunked: Framing = { kind: 'chunked' }
const close: Framing = { kind: 'close' }

/** The answer in the client's hands, read strictly. */
function got({ client }: Rig, ended = true, method = 'GET') {
  const bytes = client.received
  const found = readAnswer(bytes, method, ended)
  assert.ok(found !== null, `no answer in ${JSON.stringify(bytes.toString('latin1', 0, 200))}`)
  if (found.whole) assert.equal(found.size, bytes.length, 'nothing follows the answer')
  return found
}

test('pieces are read from memory that the next one overwrites: what waits is a copy', t => {
  for (const size of [100, 20 * KB]) {
    const it = deliver(t)
    let written: Buffer | string = ''
    const write = it.client.write.bind(it.client)
    it.client.write = bytes => {
      written = bytes
      return write(bytes)
    }
    it.client.ready = () => false
    const memory = piece(0, size)
    it.delivery.head(answer(200, `Content-Length: ${3 * size}`), length(3 * size))
    for (let i = 0; i < 3; i++) {
      piece(i * size, size).copy(memory)
      it.delivery.data(memory)
      it.delivery.flush()
      memory.fill(0)
      if (i === 0) check(Buffer.from(written, 'latin1').subarray(-size), 0)
    }
    it.delivery.end(null)
    while (!it.client.flushed) it.client.take()
    check(got(it).body, 0)
    assert.equal(got(it).body.length, 3 * size)
  }
})

test('a small answer goes out whole, in one write, and ends well', t => {
  const it = deliver(t)
  it.delivery.head(answer(200, 'Content-Length: 5'), length(5))
  assert.equal(it.client.received.length, 0, 'the head waits for what came with it')
  assert.equal(it.delivery.data(Buffer.from('hello')), true)
  it.delivery.end(null)
  assert.deepEqual([got(it).whole, got(it).body.toString(), it.ended], [true, 'hello', null])
  assert.deepEqual([it.exchange.status, it.exchange.phase, it.spools], [200, 'delivering', 0])
  assert.deepEqual([it.delivery.started, it.delivery.keepAlive, it.delivery.framing], [true, true, 'length'])
})

test('a piece of nothing does not end a body in chunks', t => {
  const it = deliver(t)
  it.delivery.head(answer(200, 'Transfer-Encoding: chunked'), chunked)
  it.delivery.data(Buffer.alloc(0))
  it.delivery.data(Buffer.from('hello'))
  it.delivery.data(Buffer.alloc(0))
  it.delivery.end(null)
  assert.deepEqual([got(it).whole, got(it).body.toString(), it.ended], [true, 'hello', null])
})

test('what came in one piece goes out at the flush, and large answers before it', t => {
  const it = deliver(t)
  it.delivery.head(answer(200, 'Content-Length: 100000'), length(100_000))
  it.delivery.flush()
  assert.equal(got(it).whole, false)
  it.delivery.data(piece(0, 1000))
  const before = it.client.received.length
  it.delivery.data(piece(1000, 64 * KB))
  assert.ok(it.client.received.length > before + 64 * KB)
})

for (const [name, framing, clientIs10, towardsClient] of [
  ['a length stays a length', length(800 * KB), false, 'length'],
  ['chunks stay chunks', chunked, false, 'chunked'],
  ['what ends with the connection goes on in chunks', close, false, 'chunked'],
  ['chunks end with the connection for HTTP/1.0', chunked, true, 'close'],
  ['a length stays a length for HTTP/1.0', length(800 * KB), true, 'length'],
] as const) {
  for (const buffering of [true, false]) {
    test(`${name}, byte for byte under any back-pressure, buffering ${buffering ? 'on' : 'off'}`, {
      timeout: 60_000,
    }, async t => {
      for (let seed = 1; seed <= 20; seed++) {
        await randomDelivery(t, seed, { framing, clientIs10, towardsClient, buffering })
      }
    })
  }
}

/** A worker and a client that take turns at random; the worker obeys when it is told to wait. */
async function randomDelivery(
  t: TestContext,
  seed: number,
  how: { framing: Framing; clientIs10: boolean; towardsClient: string; buffering: boolean },
): Promise<void> {
  const total = 800 * KB
  const roll = dice(seed)
  const it = deliver(t, {
    clientIs10: how.clientIs10,
    buffering: how.buffering,
    // Some have to go through the disk, some wait for room in memory.
    memory: seed % 3 === 0 ? 48 * KB : 64 * MB,
    disk: seed % 2 === 0 ? 64 * MB : 0,
    resumeWorker: () => {
      waiting = false
    },
  })
  let waiting = false
  let sent = 0
  const eager = 0.2 + roll() * 0.6
  it.client.ready = () => roll() < eager
  it.delivery.head(
    answer(200, ...(how.framing.kind === 'length' ? [`Content-Length: ${total}`] : [])),
    how.framing,
  )
  let over = false
  let idle = 0
  while (it.ended === undefined) {
    if (roll() < 0.5 && !waiting && !over) {
      idle = 0
      if (sent === total) {
        it.delivery.end(null)
        over = true
      } else {
        // One read from the worker: a few pieces, one of which may say stop, and the flush after them.
        for (let pieces = 1 + Math.floor(roll() * 3); pieces > 0 && sent < total; pieces--) {
          const size = Math.min(total - sent, 1 + Math.floor(roll() * (roll() < 0.3 ? 140 * KB : 500)))
          if (!it.delivery.data(piece(sent, size))) waiting = true
          sent += size
        }
        it.delivery.flush()
      }
    } else if (!it.client.flushed && roll() < eager) {
      idle = 0
      it.client.take()
    } else if (++idle > 100) {
      await new Promise(resolve => setImmediate(resolve))
      assert.ok(idle < 20_000, `seed ${seed}: stuck at ${sent} sent, ${it.client.received.length} received`)
    }
  }
  assert.equal(it.ended, null, `seed ${seed}`)
  assert.equal(it.delivery.framing, how.towardsClient)
  const found = got(it)
  assert.deepEqual([found.framing, found.whole], [how.towardsClient, true])
  assert.equal(found.body.length, total, `seed ${seed}`)
  check(found.body, 0)
  await settled(it.store)
}

test('a worker is not kept waiting by a client that reads nothing', async t => {
  const it = deliver(t)
  it.client.ready = () => false
  it.delivery.head(answer(200, 'Content-Length: 1000000'), length(1_000_000))
  for (let sent = 0; sent < 1_000_000; sent += 10_000) {
    assert.equal(it.delivery.data(piece(sent, 10_000)), true)
    it.delivery.flush()
  }
  it.delivery.end(null)
  assert.equal(it.ended, undefined)
  it.client.ready = () => true
  it.client.take()
  await until(() => it.ended !== undefined)
  assert.equal(it.ended, null)
  check(got(it).body, 0)
  await settled(it.store)
})

test('what comes while the disk is being read stays behind what is on it, and so does the end', {
  timeout: 60_000,
}, async t => {
  const it = deliver(t, { disk: 64 * MB })
  it.client.ready = () => false
  const total = 4 * MB
  it.delivery.head(answer(200, `Content-Length: ${total}`), length(total))
  let sent = 0
  let goOn = true
  while (sent < total - 1000) {
    const size = Math.min(64 * KB, total - 1000 - sent)
    const before = it.resumed
    goOn = it.delivery.data(piece(sent, size))
    it.delivery.flush()
    sent += size
    if (!goOn) await until(() => it.resumed > before)
  }
  it.client.ready = () => true
  it.client.take()
  assert.ok(it.client.received.length < sent, 'the rest is on its way back from the disk')
  it.delivery.data(piece(sent, 1000))
  it.delivery.flush()
  it.delivery.end(null)
  assert.equal(it.ended, undefined)
  await until(() => it.ended !== undefined)
  assert.equal(it.ended, null)
  assert.equal(got(it).body.length, total)
  check(got(it).body, 0)
  assert.ok(it.exchange.spilled > 0)
  await settled(it.store)
})

test('without buffering a worker waits while the client does not take what there is', async t => {
  const it = deliver(t, { buffering: false })
  it.client.ready = () => false
  it.delivery.head(answer(200), chunked)
  it.delivery.data(piece(0, 100))
  it.delivery.flush()
  assert.equal(it.delivery.data(piece(100, 100)), false)
  it.delivery.flush()
  assert.equal(it.resumed, 0)
  it.client.ready = () => true
  it.client.take()
  await until(() => it.resumed > 0)
  assert.equal(it.delivery.data(piece(200, 100)), true)
  it.delivery.end(null)
  await until(() => it.ended !== undefined)
  check(got(it).body, 0)
})

test('without buffering a worker does not wait for a client that has caught up', t => {
  const it = deliver(t, { buffering: false })
  it.client.ready = () => false
  it.delivery.head(answer(200), chunked)
  it.delivery.flush()
  it.delivery.data(piece(0, 100))
  it.delivery.flush()
  it.client.ready = () => true
  it.client.take()
  for (let sent = 100; sent < 400 * KB; sent += 64 * KB) {
    const [before, goOn] = [it.resumed, it.delivery.data(piece(sent, 64 * KB))]
    it.delivery.flush()
    assert.ok(goOn || it.resumed > before, `the worker waits for nothing after ${sent} bytes`)
  }
})

for (const [name, fields] of [
  ['X-Accel-Buffering: no', ['X-Accel-Buffering: No ']],
  ['an event stream', ['Content-Type: text/event-stream; charset=utf-8']],
] as const) {
  test(`${name} turns buffering off for that answer`, t => {
    const it = deliver(t)
    it.client.ready = () => false
    it.delivery.head(answer(200, ...fields), chunked)
    it.delivery.flush()
    assert.equal(it.delivery.data(piece(0, 1)), false)
  })
}

test('X-Accel-Buffering: yes does not turn it on', t => {
  const it = deliver(t, { buffering: false })
  it.client.ready = () => false
  it.delivery.head(answer(200, 'X-Accel-Buffering: yes'), chunked)
  it.delivery.flush()
  assert.equal(it.delivery.data(piece(0, 1)), false)
})

test('interim answers go before the answer; HTTP/1.0 gets none', t => {
  for (const clientIs10 of [false, true]) {
    const it = deliver(t, { clientIs10 })
    it.delivery.informational(answer(103, 'Link: </a>'))
    it.delivery.flush()
    assert.equal(
      it.client.received.toString('latin1'),
      clientIs10 ? '' : 'HTTP/1.1 103 X\r\nLink: </a>\r\n\r\n',
    )
    assert.equal(it.delivery.started, false, 'it may still become another worker’s answer')
  }
})

test('trailers are passed on to a client that takes them, and to no other', t => {
  for (const [wantsTrailers, clientIs10, framing, expected] of [
    [true, false, chunked, [['X-T', '1']]],
    [false, false, chunked, []],
    [true, true, chunked, []],
  ] as const) {
    const it = deliver(t, { wantsTrailers, clientIs10 })
    const trailers = new HeaderList()
    trailers.add('X-T', '1')
    it.delivery.head(answer(200, 'Trailer: X-T'), framing)
    it.delivery.data(Buffer.from('body'))
    it.delivery.end(trailers)
    const found = got(it)
    assert.deepEqual([found.trailers, found.body.toString()], [expected, 'body'])
    assert.equal(/^Trailer:/m.test(it.client.received.toString('latin1')), expected.length > 0)
  }
})

test('an answer without a body ends with its head', t => {
  const it = deliver(t)
  it.delivery.head(answer(304, 'Content-Length: 5'), { kind: 'none' })
  it.delivery.end(null)
  const found = got(it)
  assert.deepEqual([found.whole, found.body.length, it.ended], [true, 0, null])
})

test('the connection stays only where the client can tell the end', t => {
  for (const [keepAlive, clientIs10, framing, stays] of [
    [true, false, close, true],
    [false, false, close, false],
    [true, true, length(0), true],
    [true, true, close, false],
  ] as const) {
    const it = deliver(t, { keepAlive: () => keepAlive, clientIs10, sayKeepAlive: clientIs10 })
    it.delivery.head(answer(200, ...(framing.kind === 'length' ? ['Content-Length: 0'] : [])), framing)
    it.delivery.end(null)
    assert.equal(it.delivery.keepAlive, stays)
    const said = /^Connection: (.*)\r$/m.exec(it.client.received.toString('latin1'))?.[1]
    assert.equal(said, stays ? (clientIs10 ? 'keep-alive' : undefined) : 'close')
  }
})

test('a broken answer is delivered as far as it came, and never ended', async t => {
  for (const framing of [length(1000), chunked]) {
    const it = deliver(t)
    it.client.ready = () => false
    it.delivery.head(answer(200, ...(framing.kind === 'length' ? ['Content-Length: 1000'] : [])), framing)
    it.delivery.flush()
    it.delivery.data(piece(0, 300))
    const failure = new Failure('answer_broken')
    it.delivery.broken(failure)
    assert.equal(it.ended, undefined, 'not before the client has what came')
    it.client.ready = () => true
    it.client.take()
    await until(() => it.ended !== undefined)
    assert.equal(it.ended, failure)
    const found = got(it, false)
    assert.deepEqual([found.whole, found.body.length], [false, 300])
    check(found.body, 0)
    await settled(it.store)
  }
})

test('it is not over before the kernel has the last byte', t => {
  const it = deliver(t)
  it.client.ready = () => false
  it.delivery.head(answer(200, 'Content-Length: 5'), length(5))
  it.delivery.data(Buffer.from('hello'))
  it.delivery.end(null)
  assert.equal(got(it).whole, true)
  assert.equal(it.ended, undefined)
  it.client.take()
  assert.equal(it.ended, null)
})

test('abandoned, it sends no more, gives its spool back, and says so once', async t => {
  const it = deliver(t)
  it.client.ready = () => false
  it.delivery.head(answer(200), chunked)
  it.delivery.flush()
  it.delivery.data(piece(0, 1000))
  it.delivery.flush()
  const before = it.client.received.length
  const failure = new Failure('client_left')
  it.delivery.abandon(failure)
  assert.equal(it.ended, failure)
  assert.equal(it.client.onWritable, null)
  it.client.take()
  assert.equal(it.delivery.data(piece(1000, 1000)), true, 'the worker is not to wait for nobody')
  it.delivery.end(null)
  it.delivery.abandon(new Failure('internal'))
  assert.equal(it.client.received.length, before)
  await settled(it.store)
})

test('a spool that cannot be read back cuts the answer', { timeout: 60_000 }, async t => {
  const it = deliver(t, { memory: 0, disk: 64 * MB })
  t.mock.method(
    SpoolReader.prototype,
    'read',
    function (this: SpoolReader) {
      this.onError?.('EIO')
      return null
    },
    { times: 1 },
  )
  it.client.ready = () => false
  it.delivery.head(answer(200), chunked)
  it.delivery.flush()
  it.delivery.data(piece(0, 1000))
  it.delivery.flush()
  it.client.take()
  await until(() => it.ended !== undefined)
  assert.equal(it.ended?.code, 'answer_broken')
  assert.match(it.ended?.detail ?? '', /the spool failed: EIO/)
  assert.equal(got(it, false).whole, false)
})

test('what went through the disk is counted', { timeout: 60_000 }, async t => {
  const it = deliver(t, { memory: 64 * KB, disk: 64 * MB })
  it.client.ready = () => false
  let room = true
  it.delivery.head(answer(200), chunked)
  for (let sent = 0; sent < 2 * MB; sent += 32 * KB) {
    room = it.delivery.data(piece(sent, 32 * KB))
    it.delivery.flush()
    if (!room) {
      const before = it.resumed
      await until(() => it.resumed > before)
    }
  }
  it.delivery.end(null)
  it.client.ready = () => true
  it.client.take()
  await until(() => it.ended !== undefined)
  assert.equal(it.ended, null)
  check(got(it).body, 0)
  assert.ok(it.exchange.spilled > MB, `${it.exchange.spilled} bytes`)
  await settled(it.store)
})

test('the app’s own timing is noted, and bounded', t => {
  const it = deliver(t)
  it.delivery.head(answer(200, `Server-Timing: db;dur=5,${'x'.repeat(1000)}`), chunked)
  assert.match(it.exchange.serverTiming, /^db;dur=5,x+$/)
  assert.equal(it.exchange.serverTiming.length, 256)
})

const whole = (it: Rig): void => {
  it.delivery.head(answer(200, 'Content-Length: 5'), length(5))
  it.delivery.data(Buffer.from('hello'))
  it.delivery.end(null)
  it.delivery.flush()
}

test('while somebody waits for the worker the end of the answer goes after its next request', async t => {
  const queue = { someWait: true }
  const it = deliver(t, { queue })
  whole(it)
  assert.deepEqual([it.client.received.length, it.ended], [0, undefined])
  queue.someWait = false
  await new Promise<void>(afterwards)
  assert.match(String(it.client.received), /hello$/)
  assert.equal(it.ended, null)

  // Else it goes with all those that have ended in this look at the sockets.
  const alone = deliver(t, { queue })
  whole(alone)
  assert.equal(alone.client.received.length, 0)
  await new Promise<void>(soon)
  assert.match(String(alone.client.received), /hello$/)
})

for (const someWait of [true, false]) {
  for (const stored of [true, false]) {
    const before = stored ? 'what is stored for it' : 'what it had'
    const title = `a client that takes ${before} ${someWait ? 'behind' : 'beside'} an end that is put off gets that, too`
    test(title, async t => {
      const it = deliver(t, { queue: { someWait } })
      it.client.ready = () => false
      it.delivery.head(answer(200, 'Content-Length: 15'), length(15))
      for (const word of stored ? ['hello', 'hello'] : ['hellohello']) {
        it.delivery.data(Buffer.from(word))
        it.delivery.flush()
      }
      it.delivery.data(Buffer.from('again'))
      it.delivery.end(null)
      it.delivery.flush()
      it.client.ready = () => true
      it.client.take()
      assert.equal(it.ended, undefined)
      await new Promise<void>(someWait ? afterwards : soon)
      assert.match(String(it.client.received), /\r\n\r\nhellohelloagain$/)
      assert.equal(it.ended, null)
    })
  }
}

test('what has been put off for the next request is not sent when nobody wants it any more', async t => {
  const it = deliver(t, { queue: { someWait: true } })
  whole(it)
  const gone = new Failure('client_left', 'gone')
  it.delivery.abandon(gone)
  await new Promise<void>(afterwards)
  assert.deepEqual([it.client.received.length, it.ended], [0, gone])
})

test('an answer that goes on is not put off', t => {
  const it = deliver(t, { queue: { someWait: true } })
  it.delivery.head(answer(200, 'Content-Length: 10'), length(10))
  it.delivery.data(Buffer.from('hello'))
  it.delivery.flush()
  assert.match(String(it.client.received), /hello$/)
})
