// What a site keeps of its app's answers (proxy_cache), with what the shield makes of it: a kept answer takes no worker and
// no place in the queue, a client that leaves spoils nothing, and all threads and the next process know what there is.

import assert from 'node:assert/strict'
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { value } from '../support/answer.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { connectRaw } from '../support/raw-client.ts'
import { answers, type Recorded, startRecorder, writes } from '../support/recorder.ts'
import { runShield } from '../support/shield.ts'
import { mountSmallDisk, withoutSmallDisk } from '../support/small-disk.ts'

const CACHED = 'Cache-Control: max-age=60'

interface SiteOptions {
  /** For the one location. */
  place?: string
  args?: string[]
  folder?: string
  cache?: string
  workers?: number
  /** Above all else. */
  main?: string
}

/** A shield in front of a recorder, with one cache. */
async function site(t: TestContext, options: SiteOptions = {}) {
  const {
    place = '',
    args = [],
    folder = temporaryFolder(t),
    cache = 'cache',
    workers = 1,
    main = '',
  } = options
  const recorder = await startRecorder(t, { answer: answers('hello', CACHED) })
  const start = async (more = '') => {
    const [port, admin] = await Promise.all([freePort(), freePort()])
    const path = join(folder, `site-${port}.conf`)
    writeFileSync(
      path,
      `${main} proxy_cache_path ${cache} levels=1:2 keys_zone=one:1m;
       upstream app { server ${recorder.address}; shield_workers ${workers}; }
       server { listen 127.0.0.1:${port}; add_header X-Cache $upstream_cache_status always;
         location / { proxy_pass http://app; proxy_cache one; ${place} ${more} } }`,
    )
    const flags = ['--admin', `127.0.0.1:${admin}`, '--log-format', 'json']
    const shield = runShield(t, ['-p', folder, '-c', path, ...flags, ...args])
    shield.admin = `127.0.0.1:${admin}`
    await shield.log.until(() => shield.lines('listening').length > 0, 'its listeners')
    const connect = () => connectRaw(t, `127.0.0.1:${port}`)
    const get = async (target: string, ...fields: string[]) => {
      const client = await connect()
      const answer = await client.request('GET', target, 'Connection: close', ...fields).answer()
      client.close()
      return { status: answer.status, cache: value(answer, 'x-cache'), body: answer.body.toString() }
    }
    return { shield, get, connect }
  }
  return { recorder, folder, start, ...(await start()) }
}

/** The body of a request's answer comes when the test says so. */
function inParts(length: number): { parts: Recorded[]; answer: (recorded: Recorded) => void } {
  const parts: Recorded[] = []
  return {
    parts,
    answer(recorded) {
      recorded.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n${CACHED}\r\n\r\n`)
      parts.push(recorded)
    },
  }
}

test('a kept answer needs no worker: none is free, and then there is none', async t => {
  const { recorder, get, shield, connect } = await site(t)
  assert.deepEqual(await get('/a'), { status: 200, cache: 'MISS', body: 'hello' })
  recorder.answer = () => {}
  const busy = await connect()
  busy.request('GET', '/other')
  await shield.busy(1)
  assert.deepEqual(await get('/a'), { status: 200, cache: 'HIT', body: 'hello' })
  assert.equal(recorder.count, 2)
  await recorder.close()
  assert.deepEqual(await get('/a'), { status: 200, cache: 'HIT', body: 'hello' })
  const line = await shield.requestLine('/a', 2)
  assert.deepEqual([line.cache, line.upstream, line.slot, line.timers.queue], ['HIT', null, null, 0])
  busy.close()
})

test('a client that leaves in the middle of an answer does not spoil it for the others', async t => {
  const { recorder, get, shield, connect } = await site(t)
  const { parts, answer } = inParts(10)
  recorder.answer = answer
  const client = await connect()
  client.request('GET', '/a')
  await client.until(() => client.received.includes('\r\n\r\n'), 'the head')
  client.close()
  await recorder.request(1)
  // The worker is read on, with nobody there.
  parts[0]!.socket.write('01234')
  parts[0]!.socket.end('56789')
  await shield.busy(0)
  recorder.answer = answers('other', CACHED)
  assert.deepEqual(await get('/a'), { status: 200, cache: 'HIT', body: '0123456789' })
})

test('nor does one that leaves before anything has come', async t => {
  const { recorder, get, shield, connect } = await site(t)
  const { parts, answer } = inParts(5)
  recorder.answer = () => {}
  const client = await connect()
  client.request('GET', '/a')
  const { socket } = await recorder.request(1)
  client.reset()
  answer({ socket } as Recorded)
  parts[0]!.socket.end('hello')
  await shield.busy(0)
  assert.deepEqual(await get('/a'), { status: 200, cache: 'HIT', body: 'hello' })
  assert.equal(recorder.count, 1)
})

test('one that leaves when the worker is done, with the answer on its way to it, is at its end', async t => {
  const { recorder, get, shield, connect } = await site(t)
  const body = 'x'.repeat(20_000_000)
  recorder.answer = answers(body, CACHED)
  const client = await connect()
  client.socket.pause()
  client.request('GET', '/a')
  await shield.until(({ inflight }) => inflight[0]?.phase === 'delivering', 'the answer on its way')
  client.reset()
  await shield.until(({ inflight }) => inflight.length === 0, 'the end')
  assert.deepEqual(await get('/a'), { status: 200, cache: 'HIT', body })
})

test('an answer that breaks off is not kept', async t => {
  const { recorder, get } = await site(t)
  recorder.answer = writes(`HTTP/1.1 200 OK\r\nContent-Length: 10\r\n${CACHED}\r\n\r\nonly`)
  await get('/a').catch(() => {})
  recorder.answer = answers('whole', CACHED)
  assert.deepEqual(await get('/a'), { status: 200, cache: 'MISS', body: 'whole' })
})

for (const args of [[], ['--cores', '2']])
  test(`with a lock many who ask at once are one request to the app ${args.join(' ')}`, async t => {
    const { recorder, get, shield } = await site(t, { place: 'proxy_cache_lock on;', args })
    recorder.answer = () => {}
    const all = Array.from({ length: 8 }, () => get('/a'))
    const { socket } = await recorder.request(1)
    await shield.until(status => status.inflight?.length !== 0, 'them all', 2_000).catch(() => {})
    answers('hello', CACHED)({ socket } as Recorded)
    const found = await Promise.all(all)
    assert.deepEqual(found.map(({ cache }) => cache).sort(), [...Array(7).fill('HIT'), 'MISS'])
    assert.ok(found.every(({ body }) => body === 'hello'))
    assert.equal(recorder.count, 1)
  })

test('those who wait for an answer that turns out not to be kept wait no longer', async t => {
  const { recorder, get, connect } = await site(t, {
    place: 'proxy_cache_lock on; proxy_cache_lock_timeout 1h; proxy_cache_lock_age 1h;',
    workers: 2,
  })
  recorder.answer = () => {}
  const client = await connect()
  client.request('GET', '/a')
  const { socket } = await recorder.request(1)
  const waiting = get('/a')
  recorder.answer = answers('hello')
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nonly')
  assert.deepEqual(await waiting, { status: 200, cache: 'MISS', body: 'hello' })
  client.close()
})

test('one that leaves while another makes its answer is told of as that, and nobody minds', async t => {
  const { recorder, get, shield, connect } = await site(t, { place: 'proxy_cache_lock on;' })
  recorder.answer = () => {}
  const first = get('/a')
  const { socket } = await recorder.request(1)
  const leaving = await connect()
  leaving.request('GET', '/a')
  await shield.until(({ inflight }) => inflight.length === 2, 'both')
  leaving.reset()
  const line = await shield.requestLine('/a')
  assert.deepEqual([line.status_code, line.failure, line.cache], [499, 'client_left', 'MISS'])
  answers('hello', CACHED)({ socket } as Recorded)
  assert.equal((await first).body, 'hello')
  assert.equal((await get('/a')).cache, 'HIT')
})

test('what there is outlives the process, a reload, and is known to both of two threads', async t => {
  const { recorder, get, shield, start } = await site(t, { args: ['--cores', '2'] })
  await get('/a')
  for (let i = 0; i < 6; i++) assert.equal((await get('/a')).cache, 'HIT')
  shield.signal('SIGHUP')
  await shield.logLine(line => line.msg === 'reload')
  assert.equal((await get('/a')).cache, 'HIT')
  await shield.stop()
  const next = await start()
  assert.deepEqual(await next.get('/a'), { status: 200, cache: 'HIT', body: 'hello' })
  assert.equal(recorder.count, 1)
})

test('while the app is down what is over is given at once, however long requests are held', async t => {
  const { recorder, get } = await site(t, {
    place: 'proxy_cache_use_stale error;',
    args: ['--hold', '60s'],
  })
  // Its time is over as soon as it is there: a moment in the past, by the one field that may say one.
  recorder.answer = answers('hello', 'X-Accel-Expires: @1')
  assert.equal((await get('/a')).cache, 'MISS')
  await recorder.close()
  for (let i = 0; i < 3; i++)
    assert.deepEqual(await get('/a'), { status: 200, cache: 'STALE', body: 'hello' })
})

test('while its worker is busy what is over is given, and made anew once that is free', async t => {
  const { recorder, get, shield, connect } = await site(t, {
    place: 'proxy_cache_use_stale updating; proxy_cache_background_update on;',
  })
  recorder.answer = answers('old', 'X-Accel-Expires: @1')
  await get('/a')
  recorder.answer = () => {}
  const busy = await connect()
  busy.request('GET', '/other')
  const { socket } = await recorder.request(2)
  // On one connection: the client's next request does not wait for the worker either.
  const client = await connect()
  for (const expected of ['STALE', 'UPDATING']) {
    const answer = await client.request('GET', '/a').answer()
    assert.deepEqual([value(answer, 'x-cache'), answer.body.toString()], [expected, 'old'])
  }
  client.close()
  assert.equal(recorder.count, 2)
  answers('there')({ socket } as Recorded)
  const anew = await recorder.request(3)
  // A worker has it, and whoever asks which request that is is told.
  await shield.until(
    ({ inflight }) => inflight.length === 1 && inflight[0]?.url === '/a',
    'what it is busy with',
  )
  answers('new', CACHED)(anew)
  await shield.busy(0)
  await shield.until(({ inflight }) => inflight.length === 0, 'its end')
  assert.deepEqual(await get('/a'), { status: 200, cache: 'HIT', body: 'new' })
  busy.close()
})

test('a connection that is to end with what is over ends when that has been made anew', async t => {
  const { recorder, get, connect } = await site(t, {
    place: 'proxy_cache_use_stale updating; proxy_cache_background_update on;',
  })
  recorder.answer = answers('old', 'X-Accel-Expires: @1')
  await get('/a')
  recorder.answer = () => {}
  const client = await connect()
  let ended = false
  const end = client.ended().then(() => (ended = true))
  client.request('GET', '/a', 'Connection: close')
  await client.until(() => client.received.includes('old'), 'what is over')
  const anew = await recorder.request(2)
  // Others do not wait for it, and their connections end.
  assert.deepEqual(await get('/a'), { status: 200, cache: 'UPDATING', body: 'old' })
  assert.equal(ended, false)
  answers('new', CACHED)(anew)
  await end
  assert.deepEqual(await get('/a'), { status: 200, cache: 'HIT', body: 'new' })
})

test('an app that says that nothing has changed is asked for no more than that', async t => {
  const { recorder, get } = await site(t, { place: 'proxy_cache_revalidate on;' })
  recorder.answer = answers('hello', 'X-Accel-Expires: @1', 'ETag: "one"')
  await get('/a')
  recorder.answer = writes(`HTTP/1.1 304 Not Modified\r\nConnection: close\r\n${CACHED}\r\n\r\n`)
  assert.deepEqual(await get('/a'), { status: 200, cache: 'REVALIDATED', body: 'hello' })
  assert.equal(
    (await recorder.request(2)).request.fields.find(([name]) => name === 'If-None-Match')?.[1],
    '"one"',
  )
  assert.deepEqual(await get('/a'), { status: 200, cache: 'HIT', body: 'hello' })
})

test('a slow reader of a kept answer keeps nobody waiting', async t => {
  const { recorder, get, connect } = await site(t)
  const body = 'x'.repeat(8 * 1024 * 1024)
  recorder.answer = answers(body, CACHED)
  assert.equal((await get('/a')).body.length, body.length)
  const slow = await connect()
  slow.socket.pause()
  slow.request('GET', '/a', 'Connection: close')
  recorder.answer = answers('hello', CACHED)
  assert.equal((await get('/b')).body, 'hello')
  slow.socket.resume()
  assert.equal((await slow.answer()).body.length, body.length)
})

const asRoot = process.getuid?.() === 0 ? false : 'giving up privileges needs root'

test('a cache belongs to the user that the file names, who has it made', { skip: asRoot }, async t => {
  const folder = temporaryFolder(t)
  chmodSync(folder, 0o755)
  const { get } = await site(t, { folder, cache: 'around/cache', main: 'user nobody nogroup;' })
  assert.equal((await get('/a')).cache, 'MISS')
  assert.equal((await get('/a')).cache, 'HIT')
  const [around, kept] = [statSync(join(folder, 'around')), statSync(join(folder, 'around/cache'))]
  assert.deepEqual([around.uid, kept.uid === 0, kept.mode & 0o777], [0, false, 0o700])
})

test('a full disk keeps nothing, says so, and gives every answer', { skip: withoutSmallDisk() }, async t => {
  const disk = mountSmallDisk(t, 8 * 2 ** 20)
  const { recorder, get, shield } = await site(t, { cache: join(disk, 'cache') })
  const body = 'x'.repeat(12 * 1024 * 1024)
  recorder.answer = answers(body, CACHED)
  for (let i = 0; i < 2; i++) {
    const answer = await get('/a')
    assert.deepEqual([answer.cache, answer.body.length], ['MISS', body.length])
  }
  await shield.log.find(line => /there is no room in the cache/.test(String(line.msg)), 'the warning')
  recorder.answer = answers('small', CACHED)
  assert.equal((await get('/b')).body, 'small')
  const left = readdirSync(join(disk, 'cache'), { recursive: true, withFileTypes: true })
  assert.ok(left.filter(entry => entry.isFile()).length <= 1, 'nothing of the large ones stays')
})
