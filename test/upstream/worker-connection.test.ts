import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Spool } from '../../src/spool/spool.ts'
import { OutgoingBody } from '../../src/upstream/outgoing-body.ts'
import type { Endpoint } from '../../src/upstream/upstream.ts'
import { MB, piece, rig, until } from '../spool/rig.ts'
import { Journal } from '../support/journal.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { type Connected, type ConnectionOptions, connect, type Job, order, startWorker } from './rig.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'

function outgoing(spool: Spool): OutgoingBody {
  return new OutgoingBody(
    spool,
    null,
    () => {},
    detail => assert.fail(detail),
  )
}

/** A connection to a worker whose job the test does by hand. */
async function withWorker(
  t: TestContext,
  options: ConnectionOptions = {},
  early: Connected[] = [],
): Promise<Connected & { job: Job; endpoint: Endpoint }> {
  const journal = new Journal<string>('both sides')
  const jobs: Job[] = []
  const endpoint = await startWorker(t, journal, job => jobs.push(job))
  const connected = connect(t, journal, endpoint, options)
  early.push(connected)
  await journal.until(() => jobs[0]?.received().includes('\r\n\r\n') === true, 'the request')
  return { ...connected, job: jobs[0]!, endpoint }
}

test('sends the head as it is, hands the answer on, and returns the slot at the worker’s FIN', async t => {
  const it = await withWorker(t, { head: 'GET /caf\xe9 HTTP/1.1\r\nHost: a\r\n\r\n' })
  assert.equal(it.job.received(), 'GET /caf\xe9 HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal(it.upstream.isUp, true)
  it.job.socket.write(`${OK}hello`)
  await it.saw('end')
  it.job.socket.end()
  await it.saw('released')
  assert.equal(it.body().toString(), 'hello')
  assert.ok(it.released())
  assert.deepEqual(
    order(it.journal, 'connect ok', 'connected', 'head 200', 'data 5', 'end', 'freed', 'released'),
    ['connect ok', 'connected', 'head 200', 'data 5', 'end', 'freed', 'released'],
  )
  assert.deepEqual(it.losses, [])
})

test('sends FIN to a worker that lingers, but not before the answer is complete, and waits for its end', async t => {
  const it = await withWorker(t)
  it.job.socket.write(`${OK}hel`)
  await it.saw('data 3')
  // Whatever a timer or the loop would do by then, it has done.
  await new Promise(resolve => setTimeout(resolve, 5))
  it.journal.push('the last bytes are written')
  it.job.socket.write('lo')
  await it.saw('worker saw FIN')
  assert.deepEqual(order(it.journal, 'the last bytes are written', 'end', 'worker saw FIN'), [
    'the last bytes are written',
    'end',
    'worker saw FIN',
  ])
  assert.ok(!it.released(), 'the worker has not hung up')
  it.job.socket.end()
  await it.saw('released')
})

test('a worker that closes with its last byte is not sent FIN first', async t => {
  const it = await withWorker(t)
  it.job.socket.end(`${OK}hello`)
  await it.saw('released')
  assert.deepEqual(order(it.journal, 'end', 'released', 'failed worker_lost fin'), ['end', 'released'])
})

test('a reset after a complete answer is a close', async t => {
  const it = await withWorker(t)
  it.job.socket.write(`${OK}hello`)
  await it.saw('worker saw FIN')
  it.job.socket.resetAndDestroy()
  await it.saw('released')
  assert.deepEqual(it.losses, [])
  assert.deepEqual(
    it.journal.entries.filter(entry => entry.startsWith('lost')),
    [],
  )
})

test('an answer that ends with the connection ends well', async t => {
  const it = await withWorker(t)
  it.job.socket.end('HTTP/1.1 200 OK\r\n\r\nall of it')
  await it.saw('released')
  assert.equal(it.body().toString(), 'all of it')
  assert.deepEqual(order(it.journal, 'end', 'freed'), ['end', 'freed'])
})

test('a worker that made the client wait with its last piece is heard when it hangs up', async t => {
  const it = await withWorker(t, { data: () => false })
  it.job.socket.write(`${OK}hello`)
  await it.saw('end')
  it.job.socket.end(' and more than it announced')
  await it.saw('released')
})

test('a sink without room stops the worker, and the read timeout with it', async t => {
  const total = 16 * MB
  let room = true
  const it = await withWorker(t, { readTimeout: 1_000, data: () => room })
  room = false
  const sent = new Promise(resolve => it.job.socket.once('drain', resolve))
  it.job.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`)
  it.job.socket.write(piece(0, total))
  await it.journal.until(() => it.body().length > 0, 'the first piece')
  it.pass(60_000)
  assert.deepEqual(it.losses, [])
  assert.ok(it.body().length < total)
  room = true
  it.connection.resume()
  await sent
  await it.saw('end')
  assert.equal(it.body().compare(piece(0, total)), 0)
})

test('interim answers are handed on before the answer, but for 100', async t => {
  const it = await withWorker(t)
  it.job.socket.write(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}hello`)
  await it.saw('end')
  assert.deepEqual(order(it.journal, 'interim 100', 'interim 103', 'head 200', 'end'), [
    'interim 103',
    'head 200',
    'end',
  ])
})

test('the read timeout does not run while the body is still on its way here', async t => {
  const { store } = rig(t, { memory: 64 * MB, disk: 0 })
  const spool = store.spool('request', null, false)
  spool.write(piece(0, 1_000))
  const told: ((forWhom: 'worker' | 'bytes') => void)[] = []
  const body = new OutgoingBody(
    spool,
    null,
    whom => told[0]?.(whom),
    () => {},
  )
  const waiting: Connected[] = []
  told.push(whom => waiting[0]?.connection.bodyWaits(whom))
  const it = await withWorker(t, { method: 'POST', body, readTimeout: 5_000 }, waiting)
  it.pass(1e6)
  assert.equal(it.losses.length, 0)
  spool.write(piece(1_000, 10))
  it.pass(1e6)
  assert.equal(it.losses.length, 0)
  spool.end()
  it.pass(4_000)
  assert.equal(it.losses.length, 0)
  it.pass(5_001)
  await it.saw('failed read_timeout timeout')
  spool.destroy()
})

test('an answer that came before a body was read is heard, though the worker closed on the rest', {
  skip: process.platform === 'linux' ? false : 'only Linux keeps what was received before a reset',
}, async t => {
  const { store } = rig(t, { memory: 128 * MB, disk: 0 })
  const spool = store.spool('request', null, true)
  while (spool.size < 12 * MB) spool.write(piece(spool.size, MB))
  spool.end()
  const journal = new Journal<string>('both sides')
  const endpoint = await startWorker(t, journal, ({ socket }) => {
    socket.pause()
    socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge', () => {
      // With the body unread this is a reset.
      socket.destroy()
    })
  })
  const it = connect(t, journal, endpoint, {
    method: 'POST',
    head: `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${12 * MB}\r\n\r\n`,
    body: outgoing(spool),
  })
  await it.saw('released')
  assert.deepEqual(order(journal, 'head 413', 'data 5', 'end', 'released'), [
    'head 413',
    'data 5',
    'end',
    'released',
  ])
  spool.destroy()
})

const hasty = `
import os, socket, sys
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(1)
print(listener.getsockname()[1], flush=True)
worker = listener.accept()[0]
worker.recv(1, socket.MSG_PEEK)
worker.sendall(b"HTTP/1.1 403 No\\r\\nContent-Length: 5\\r\\n\\r\\nnever")
# With the request unread this is a reset.
worker.close()
os.close(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY))
`

/** A worker that answers what it has not read, and a wait for that which does not let the loop turn. */
async function startHasty(t: TestContext): Promise<{ endpoint: Endpoint; waitForReset: () => void }> {
  const mark = join(temporaryFolder(t), 'reset')
  const child = spawn('python3', ['-c', hasty, mark], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => void child.kill('SIGKILL'))
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    endpoint: { host: '127.0.0.1', port: Number(port) },
    waitForReset() {
      const still = new Int32Array(new SharedArrayBuffer(4))
      for (let ms = 0; !existsSync(mark); ms++) {
        assert.ok(ms < 20_000, 'the worker has not heard of the request')
        Atomics.wait(still, 0, 0, 1)
      }
    },
  }
}

test('an answer that came before Node knew of the connection is heard, though the worker has reset it since', {
  skip: process.platform === 'linux' ? false : 'only Linux keeps what was received before a reset',
}, async t => {
  const journal = new Journal<string>('both sides')
  const { endpoint, waitForReset } = await startHasty(t)
  const it = connect(t, journal, endpoint)
  process.nextTick(waitForReset)
  await it.saw('released')
  assert.deepEqual(order(journal, 'head 403', 'data 5', 'end', 'released'), [
    'head 403',
    'data 5',
    'end',
    'released',
  ])
})

// — losses

const losses: Record<string, { act(job: Job): void; failed: string; headSeen: boolean; received: number }> = {
  'closes at once': { act: job => job.socket.end(), failed: 'worker_lost fin', headSeen: false, received: 0 },
  'resets at once': {
    act: job => job.socket.resetAndDestroy(),
    failed: 'worker_lost reset',
    headSeen: false,
    received: 0,
  },
  'closes in the middle of its head': {
    act: job => job.socket.end('HTTP/1.1 200 OK\r\n'),
    failed: 'worker_lost fin',
    headSeen: false,
    received: 17,
  },
  'closes in the middle of its body': {
    act: job => job.socket.end(`${OK}hel`),
    failed: 'answer_broken fin',
    headSeen: true,
    received: OK.length + 3,
  },
  'speaks another language': {
    act: job => job.socket.write('SSH-2.0-OpenSSH\r\n'),
    failed: 'answer_invalid protocol',
    headSeen: false,
    received: 17,
  },
  'breaks a chunk': {
    act: job => job.socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokk'),
    failed: 'answer_broken protocol',
    headSeen: true,
    received: 53,
  },
}
for (const [name, { act, failed, headSeen, received }] of Object.entries(losses)) {
  test(`a worker that ${name} is lost: ${failed}`, async t => {
    const it = await withWorker(t)
    act(it.job)
    await it.saw(`failed ${failed}`)
    assert.deepEqual(order(it.journal, 'end', `lost ${failed}`, `failed ${failed}`), [
      `lost ${failed}`,
      `failed ${failed}`,
    ])
    const [loss] = it.losses
    assert.deepEqual([loss?.nothingSent, loss?.headSeen, loss?.received], [false, headSeen, received])
    if (failed.endsWith('protocol')) {
      // Cut off by us: the worker's next write fails, and then it is free.
      await it.journal.find(entry => /^worker saw (ECONNRESET|EPIPE)$/.test(entry), 'a reset')
      assert.ok(!it.released())
      it.pass(1_001)
    }
    await it.saw('released')
    assert.ok(it.released())
  })
}

test('a refused connect sent nothing, and frees the slot at once', async t => {
  const journal = new Journal<string>('both sides')
  const port = await freePort()
  const it = connect(t, journal, { host: '127.0.0.1', port })
  await it.saw('released')
  assert.deepEqual(order(journal, 'connect refused', 'failed upstream_down connect', 'freed', 'released'), [
    'connect refused',
    'failed upstream_down connect',
    'freed',
    'released',
  ])
  const [loss] = it.losses
  assert.deepEqual(
    [loss?.nothingSent, loss?.code, loss?.ageMs, loss?.headSeen],
    [true, 'ECONNREFUSED', 0, false],
  )
  assert.ok(it.released())
})

test('a Unix socket that is not there sent nothing', async t => {
  const journal = new Journal<string>('both sides')
  const it = connect(t, journal, { path: `${temporaryFolder(t)}/none.sock` })
  await it.saw('released')
  assert.deepEqual([it.losses[0]?.nothingSent, it.losses[0]?.code], [true, 'ENOENT'])
  assert.deepEqual(order(journal, 'connect error'), ['connect error'])
})

test('a connect without an answer is given up after the connect timeout', async t => {
  const journal = new Journal<string>('both sides')
  const endpoint = await startWorker(t, journal)
  const it = connect(t, journal, endpoint, { connectTimeout: 5_000 })
  // Before the loop turns, it cannot be connected.
  it.pass(5_001)
  assert.deepEqual([it.losses[0]?.nothingSent, it.losses[0]?.code], [true, 'ETIMEDOUT'])
  assert.deepEqual(order(journal, 'connect timeout', 'failed upstream_down connect', 'released'), [
    'connect timeout',
    'failed upstream_down connect',
    'released',
  ])
  assert.ok(it.released())
})

// — clients that leave, and timeouts

test('a client that leaves before the connection stands leaves nothing behind', async t => {
  const journal = new Journal<string>('both sides')
  const endpoint = await startWorker(t, journal)
  const it = connect(t, journal, endpoint)
  it.connection.abandon()
  await it.saw('released')
  assert.ok(it.released())
  assert.deepEqual(order(journal, 'connected', 'failed client_left connect'), [])
})

test('a client that leaves a silent worker leaves it its slot until it hangs up', async t => {
  const it = await withWorker(t, { workerTimeout: 30_000 })
  it.connection.abandon()
  it.pass(31_000)
  assert.ok(!it.released(), 'the worker is still at it')
  it.job.socket.end(`${OK}hello`)
  await it.saw('released')
  assert.deepEqual(order(it.journal, 'worker saw FIN', 'released', 'head 200', 'end'), ['released'])
  assert.deepEqual(it.body().length, 0)
})

test('no FIN goes to a worker whose client has left while it works', async t => {
  const it = await withWorker(t)
  it.connection.abandon()
  await new Promise(resolve => setTimeout(resolve, 5))
  it.journal.push('it answers')
  it.job.socket.end(`${OK}hello`)
  await it.saw('released')
  assert.deepEqual(order(it.journal, 'it answers', 'worker saw FIN', 'released'), ['it answers', 'released'])
})

test('a worker that hangs past its timeout and two seconds is taken for gone, with a warning', async t => {
  const it = await withWorker(t, { workerTimeout: 30_000 })
  it.connection.abandon()
  it.pass(31_900)
  assert.ok(!it.released())
  it.pass(32_001)
  assert.ok(it.released())
  assert.match(it.warnings.join(), /did not hang up in time/)
})

test('with no known worker timeout a silent worker keeps its slot for ten minutes', async t => {
  const it = await withWorker(t, { workerTimeout: null })
  it.connection.abandon()
  it.pass(599_000)
  assert.ok(!it.released())
  it.pass(600_001)
  assert.ok(it.released())
})

test('a worker that dies after its client has left is reported all the same', async t => {
  for (const act of ['end', 'resetAndDestroy'] as const) {
    const it = await withWorker(t)
    it.connection.abandon()
    it.job.socket[act]()
    await it.saw('released')
    assert.deepEqual(
      order(it.journal, `lost worker_lost ${act === 'end' ? 'fin' : 'reset'}`).length,
      1,
      it.journal.tail(),
    )
    assert.deepEqual(it.losses, [], 'nobody waits for it')
  }
})

test('an answer that nobody wants is read to its end when it is short', async t => {
  const it = await withWorker(t)
  it.job.socket.write(`${OK}he`)
  await it.saw('data 2')
  it.connection.abandon()
  it.job.socket.end('llo')
  await it.saw('released')
  assert.deepEqual(order(it.journal, 'data 3', 'end', 'worker saw ECONNRESET', 'released'), ['released'])
})

test('an answer under way that nobody wants is reset after a second, and the slot comes a second later', async t => {
  const it = await withWorker(t)
  it.job.socket.write(`${OK}he`)
  await it.saw('data 2')
  it.connection.abandon()
  it.pass(900)
  assert.deepEqual(order(it.journal, 'worker saw ECONNRESET', 'released'), [])
  it.pass(1_001)
  await it.saw('worker saw ECONNRESET')
  assert.ok(!it.released())
  it.pass(1_001)
  assert.ok(it.released())
})

test('an answer that begins after its client has left has a second from then', async t => {
  const it = await withWorker(t)
  it.connection.abandon()
  it.pass(20_000)
  it.job.socket.write(`${OK}he`)
  await until(() => it.connection.socket.bytesRead > 0)
  it.pass(1_001)
  await it.saw('worker saw ECONNRESET')
  it.pass(1_001)
  assert.ok(it.released())
})

test('an endless answer that nobody wants is reset after 16 MB', async t => {
  const it = await withWorker(t)
  const block = Buffer.alloc(MB)
  const more = () => {
    while (!it.job.socket.destroyed && it.job.socket.write(block)) {
      // Until the proxy stops reading.
    }
  }
  it.job.socket.on('drain', more)
  it.job.socket.write('HTTP/1.1 200 OK\r\n\r\n')
  await it.saw('head 200')
  it.connection.abandon()
  more()
  // No deadline passes here: it is the amount that ends it.
  await it.journal.find(entry => /^worker saw (ECONNRESET|EPIPE)$/.test(entry), 'a reset')
  const { bytesRead } = it.connection.socket
  assert.ok(bytesRead > 16 * MB && bytesRead < 18 * MB, `${bytesRead} bytes were read`)
  it.pass(1_001)
  assert.ok(it.released())
})

test('no byte within the read timeout: the client is told, and the slot stays until the worker hangs up', async t => {
  const it = await withWorker(t, { readTimeout: 5_000, workerTimeout: null })
  it.pass(4_900)
  assert.equal(it.losses.length, 0)
  it.pass(5_001)
  await it.saw('failed read_timeout timeout')
  assert.deepEqual([it.losses[0]?.headSeen, it.losses[0]?.nothingSent], [false, false])
  assert.match(it.warnings.join(), /slot stays taken/)
  it.pass(100_000)
  assert.ok(!it.released())
  it.job.socket.end(`${OK}hello`)
  await it.saw('released')
  assert.deepEqual(order(it.journal, 'head 200', 'end'), [], 'too late')
})

test('with a known worker timeout nobody is warned of a read timeout', async t => {
  const it = await withWorker(t, { readTimeout: 5_000, workerTimeout: 30_000 })
  it.pass(5_001)
  await it.saw('failed read_timeout timeout')
  assert.deepEqual(it.warnings, [])
})

test('the read timeout is between two reads', async t => {
  let shift = 0
  const real = performance.now.bind(performance)
  t.mock.method(performance, 'now', () => real() + shift)
  const it = await withWorker(t, { readTimeout: 5_000 })
  for (const [at, bytes, entry] of [
    [4_000, `${OK}h`, 'data 1'],
    [8_000, 'el', 'data 2'],
  ] as const) {
    shift = at
    it.job.socket.write(bytes)
    await it.saw(entry)
    it.pass(4_000)
    assert.equal(it.losses.length, 0, `${at} ms after the request`)
  }
  it.pass(5_001)
  await it.saw('failed answer_stalled timeout')
  assert.equal(it.losses[0]?.headSeen, true)
  // It is in the middle of an answer: reset after a second.
  it.pass(1_001)
  await it.saw('worker saw ECONNRESET')
  it.pass(1_001)
  assert.ok(it.released())
})

test('an upstream that never closes is learned, and then costs a quarter of a second', async t => {
  const first = await withWorker(t, { workerTimeout: 30_000 })
  first.job.socket.write(`${OK}hello`)
  await first.saw('worker saw FIN')
  first.pass(31_000)
  assert.ok(!first.released())
  first.pass(32_001)
  assert.ok(first.released())
  assert.equal(first.upstream.neverCloses, true)

  const second = await withWorker(t)
  second.upstream.neverCloses = true
  second.job.socket.write(`${OK}hello`)
  await second.saw('end')
  second.pass(200)
  assert.ok(!second.released())
  second.pass(251)
  assert.ok(second.released())
})

test('an upstream that closes after all is forgiven', async t => {
  const it = await withWorker(t)
  it.upstream.neverCloses = true
  it.job.socket.write(`${OK}hello`)
  await it.saw('end')
  it.job.socket.end()
  await it.saw('released')
  assert.equal(it.upstream.neverCloses, false)
})

test('an early answer stops the body, and the rest of it is not sent', async t => {
  const { store } = rig(t, { memory: 64 * MB, disk: 0 })
  const spool = store.spool('request', null, true)
  spool.write(piece(0, 10_000))
  const body = outgoing(spool)
  const it = await withWorker(t, {
    method: 'POST',
    head: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n',
    body,
  })
  await it.journal.until(() => it.job.received().length > 10_000, 'the first half of the body')
  it.job.socket.write(`${OK}hel`)
  await it.saw('data 3')
  spool.write(piece(10_000, 10_000))
  spool.end()
  it.job.socket.end('lo')
  await it.saw('released')
  assert.equal(body.sent, false)
  assert.equal(it.job.received().split('\r\n\r\n')[1]!.length, 10_000)
  spool.destroy()
})

test('a request that will not be completed is cut off, so that the worker does not wait for the rest', async t => {
  const { store } = rig(t, { memory: 64 * MB, disk: 0 })
  const spool = store.spool('request', null, true)
  spool.write(piece(0, 1_000))
  const it = await withWorker(t, {
    method: 'POST',
    head: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n',
    body: outgoing(spool),
  })
  it.connection.abandon()
  await it.saw('worker saw ECONNRESET')
  assert.deepEqual(order(it.journal, 'worker saw FIN'), [])
  assert.ok(!it.released())
  it.pass(1_001)
  assert.ok(it.released())
  spool.destroy()
})

test('answers that come in pieces by turns do not mix, though all are read into the same memory', async t => {
  const first = await withWorker(t)
  first.job.socket.write('HTTP/1.1 200 OK\r\nContent-Le')
  await first.saw('flush')
  const second = await withWorker(t)
  second.job.socket.end(`HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nxyz`)
  await second.saw('released')
  first.job.socket.end('ngth: 5\r\n\r\nhello')
  await first.saw('released')
  assert.deepEqual(order(first.journal, 'head 200', 'end'), ['head 200', 'end'])
  assert.equal(first.body().toString(), 'hello')
  assert.deepEqual(order(second.journal, 'head 404', 'end'), ['head 404', 'end'])
  assert.equal(second.body().toString(), 'xyz')
})

test('abandoned before it begins, it never connects', async t => {
  const journal = new Journal<string>('both sides')
  const jobs: Job[] = []
  const endpoint = await startWorker(t, journal, job => jobs.push(job))
  const it = connect(t, journal, endpoint)
  it.connection.abandon()
  await it.saw('released')
  connect(t, journal, endpoint, { head: 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n' })
  await journal.until(() => jobs.some(job => job.received().includes('/next')), 'one that comes after it')
  assert.equal(jobs.length, 1)
})

test('abandoning twice, and after the end, is harmless', async t => {
  const it = await withWorker(t)
  it.job.socket.end(`${OK}hello`)
  await it.saw('released')
  it.connection.abandon()
  it.connection.abandon()
  it.connection.resume()
  it.pass(1e9)
  assert.ok(it.released())
})

/** A worker that reads nothing of a request that is more than the kernel keeps for it. */
async function silentWorker(t: TestContext, sendTimeout: number | null): Promise<Connected> {
  const { store } = rig(t, { memory: 128 * MB, disk: 0 })
  const spool = store.spool('request', null, true)
  while (spool.size < 24 * MB) spool.write(piece(spool.size, MB))
  spool.end()
  t.after(() => spool.destroy())
  const journal = new Journal<string>('both sides')
  const endpoint = await startWorker(t, journal, ({ socket }) => {
    socket.pause()
  })
  const made: Connected[] = []
  const waits = (whom: 'worker' | 'bytes') => {
    made[0]?.connection.bodyWaits(whom)
    journal.push(`waits for ${whom}`)
  }
  const body = new OutgoingBody(spool, null, waits, detail => assert.fail(detail))
  const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${24 * MB}\r\n\r\n`
  const options = { method: 'POST', head, body, readTimeout: 30_000, sendTimeout, workerTimeout: null }
  made.push(connect(t, journal, endpoint, options))
  await made[0]!.saw('waits for worker')
  return made[0]!
}

test('a worker that takes nothing of a request within its own timeout is left', async t => {
  const it = await silentWorker(t, 2_000)
  it.pass(1_500)
  assert.equal(it.losses.length, 0)
  it.pass(2_500)
  await it.saw('failed read_timeout timeout')
  // What it has not got will not come: it is reset, and its slot is free.
  it.pass(1_001)
  await it.saw('released')
  assert.deepEqual(it.warnings, [])
})

test('where nothing is said of it the read timeout holds', async t => {
  const it = await silentWorker(t, null)
  it.pass(25_000)
  assert.equal(it.losses.length, 0)
  it.pass(31_000)
  await it.saw('failed read_timeout timeout')
})

test('once all of the request is sent, only the read timeout holds', async t => {
  const journal = new Journal<string>('both sides')
  const { store } = rig(t, { memory: MB, disk: 0 })
  const spool = store.spool('request', null, true)
  spool.write(piece(0, 100))
  spool.end()
  t.after(() => spool.destroy())
  const endpoint = await startWorker(t, journal)
  const made: Connected[] = []
  const body = new OutgoingBody(spool, null, whom => made[0]?.connection.bodyWaits(whom), assert.fail)
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n'
  made.push(
    connect(t, journal, endpoint, { method: 'POST', head, body, readTimeout: 30_000, sendTimeout: 2_000 }),
  )
  const it = made[0]!
  await it.saw('connected')
  it.pass(25_000)
  assert.equal(it.losses.length, 0)
  it.pass(31_000)
  await it.saw('failed read_timeout timeout')
})
