// What a site stores of its app's answers as files (proxy_store), with what the shield makes of it: the worker goes at its
// own speed, a client that leaves spoils nothing, and a file is there whole or not at all.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { patience } from '../support/journal.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { connectRaw } from '../support/raw-client.ts'
import { answers, type Recorded, startRecorder, writes } from '../support/recorder.ts'
import { runShield } from '../support/shield.ts'
import { mountSmallDisk, withoutSmallDisk } from '../support/small-disk.ts'

const DATED = 'Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT'

/** A shield in front of a recorder with one worker, that serves what it has and fetches what it has not. */
async function site(t: TestContext, { root = 'store', below = '', args = [] as string[] } = {}) {
  const folder = temporaryFolder(t)
  const store = below === '' ? 'on' : `${folder}/${root}/${below}`
  const recorder = await startRecorder(t, { answer: answers('hello', DATED) })
  const [port, admin] = await Promise.all([freePort(), freePort()])
  const path = join(folder, 'site.conf')
  writeFileSync(
    path,
    `error_log ${folder}/error.log;
     upstream app { server ${recorder.address}; shield_workers 1; }
     server { listen 127.0.0.1:${port}; root ${root}; log_not_found off;
       location / { error_page 404 = @fetch; }
       location /each/ { proxy_pass http://app; proxy_store ${store}; }
       location @fetch { internal; proxy_pass http://app; proxy_store ${store}; proxy_store_access all:r; } }`,
  )
  const flags = ['--admin', `127.0.0.1:${admin}`, '--log-format', 'json']
  const shield = runShield(t, ['-p', folder, '-c', path, ...flags, ...args])
  shield.admin = `127.0.0.1:${admin}`
  await shield.log.until(() => shield.lines('listening').length > 0, 'its listeners')
  const connect = () => connectRaw(t, `127.0.0.1:${port}`)
  const get = async (target: string) => {
    const client = await connect()
    const answer = await client.request('GET', target, 'Connection: close').answer()
    client.close()
    return { status: answer.status, body: answer.body.toString() }
  }
  const files = (): string[] => {
    if (!existsSync(join(folder, root))) return []
    const found = readdirSync(join(folder, root), { recursive: true, withFileTypes: true })
    return found.filter(entry => entry.isFile()).map(({ name }) => name)
  }
  const errors = () => readFileSync(join(folder, 'error.log'), 'utf8')
  return { folder, recorder, shield, connect, get, files, errors }
}

/** The body of a request's answer comes when the test says so. */
function inParts(head = 'Content-Length: 10') {
  const parts: Recorded[] = []
  return {
    parts,
    answer(recorded: Recorded) {
      recorded.socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`)
      parts.push(recorded)
    },
  }
}

/** For what the disk alone tells. */
async function settled(condition: () => boolean): Promise<void> {
  const giveUp = performance.now() + patience
  while (!condition()) {
    assert.ok(performance.now() < giveUp, `never: ${condition}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

test('the file is there before the connection ends', async t => {
  const { connect, files } = await site(t)
  for (const name of ['one', 'two', 'three']) {
    const client = await connect()
    client.request('GET', `/${name}`, 'Connection: close')
    await client.ended()
    assert.ok(files().includes(name), name)
  }
})

test('what is not there is fetched, stored with its mode and time, and served without the app from then on', async t => {
  const { get, recorder, folder, files } = await site(t)
  assert.deepEqual(await get('/deep/er/page'), { status: 200, body: 'hello' })
  await recorder.close()
  // At once: whoever comes before the file has its name waits for that.
  assert.deepEqual(await get('/deep/er/page'), { status: 200, body: 'hello' })
  const { mode, mtimeMs } = statSync(join(folder, 'store/deep/er/page'))
  assert.deepEqual([mode & 0o777, mtimeMs], [0o604, 1_700_000_000_000])
  assert.equal(statSync(join(folder, 'store/deep')).mode & 0o777, 0o705)
  assert.deepEqual(files(), ['page'])
})

for (const [what, head, end] of [
  ['whose length is known', 'Content-Length: 10', '56789'],
  ['in chunks', 'Transfer-Encoding: chunked', '5\r\n56789\r\n0\r\n\r\n'],
] as const)
  test(`a client that leaves in the middle of an answer ${what} does not keep it from being stored`, async t => {
    const { get, recorder, shield, connect, files } = await site(t)
    const { parts, answer } = inParts(head)
    recorder.answer = answer
    const client = await connect()
    client.request('GET', '/a')
    await client.until(() => client.received.includes('\r\n\r\n'), 'the head')
    client.reset()
    const first = head.startsWith('C') ? '01234' : '5\r\n01234\r\n'
    parts[0]!.socket.write(first)
    parts[0]!.socket.end(end)
    await shield.busy(0)
    await recorder.close()
    await settled(() => files().includes('a'))
    assert.deepEqual(await get('/a'), { status: 200, body: '0123456789' })
  })

test('nor one that leaves before anything has come', async t => {
  const { get, recorder, shield, connect, files } = await site(t)
  recorder.answer = () => {}
  const client = await connect()
  client.request('GET', '/a')
  const { socket } = await recorder.request(1)
  client.reset()
  await shield.until(({ inflight }) => inflight[0]?.client_present !== true, 'that it has left')
  socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello')
  await shield.busy(0)
  await settled(() => files().includes('a'))
  assert.deepEqual(await get('/a'), { status: 200, body: 'hello' })
  assert.equal(recorder.count, 1)
})

test('an answer that breaks off leaves nothing, and what was there stays as it was', async t => {
  const { get, recorder, folder, files } = await site(t)
  mkdirSync(join(folder, 'store/each'), { recursive: true })
  writeFileSync(join(folder, 'store/each/a'), 'before')
  const large = 'x'.repeat(3_000_000)
  recorder.answer = writes(`HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n${large}`)
  for (const target of ['/each/a', '/new/folder/b']) await get(target).catch(() => {})
  await settled(() => files().length === 1)
  assert.equal(readFileSync(join(folder, 'store/each/a'), 'utf8'), 'before')
  await settled(() => !existsSync(join(folder, 'store/new')))
})

test('what HEAD is answered is stored only where nothing is left out of it', async t => {
  const { connect, recorder, files, shield } = await site(t)
  for (const length of ['Transfer-Encoding: chunked', 'Content-Length: 5', 'Content-Length: 0']) {
    recorder.answer = writes(`HTTP/1.1 200 OK\r\n${length}\r\n\r\n`)
    const client = await connect()
    await client.request('HEAD', `/${length.length}`, 'Connection: close').answer()
    client.close()
  }
  await shield.busy(0)
  await settled(() => files().includes('17'))
  assert.deepEqual(files(), ['17'])
})

test('a killed shield leaves no part under the name, and whoever comes next gets the whole', async t => {
  const { recorder, shield, connect, files } = await site(t)
  const { answer, parts } = inParts('Content-Length: 10000000')
  recorder.answer = answer
  const client = await connect()
  client.request('GET', '/a')
  await client.until(() => client.received.includes('\r\n\r\n'), 'the head')
  parts[0]!.socket.write('x'.repeat(5_000_000))
  await settled(() => files().length === 1)
  shield.signal('SIGKILL')
  await client.ended()
  assert.match(files().join(), /^\.[0-9a-f]{24}\.part$/)
})

test('the worker is free at its own speed, however slowly the client reads', async t => {
  const { recorder, shield, connect, files, folder } = await site(t)
  const body = 'x'.repeat(20_000_000)
  recorder.answer = answers(body)
  const client = await connect()
  client.socket.pause()
  client.request('GET', '/a', 'Connection: close')
  await recorder.request(1)
  await shield.busy(0)
  // Whole, while the client has not read a byte.
  await settled(() => files().includes('a'))
  assert.equal(statSync(join(folder, 'store/a')).size, body.length)
  client.socket.resume()
  assert.equal((await client.answer()).body.length, body.length)
})

test('where nothing can be written the client has its answer, and the error log says why', async t => {
  const { get, errors, recorder } = await site(t, { root: '/proc/nowhere' })
  assert.deepEqual(await get('/a'), { status: 200, body: 'hello' })
  await settled(() => errors().includes('mkdir()'))
  assert.match(
    errors(),
    /\[crit\] \d+#\d+: \*\d+ mkdir\(\) "\/proc\/nowhere\/a" failed \(2: No such file or directory\).*, client: 127\.0\.0\.1, server: , request: "GET \/a HTTP\/1\.1", upstream: "http:\/\/127/,
  )
  assert.deepEqual(await get('/a'), { status: 200, body: 'hello' })
  assert.equal(recorder.count, 2)
})

test('nothing that a request brings along leads out of where the file says', async t => {
  const { get, errors, folder, files } = await site(t, { below: 'kept/$arg_name' })
  assert.equal((await get('/each/a?name=../../escaped')).body, 'hello')
  await settled(() => errors().includes('leads out of its place'))
  assert.equal((await get('/each/a?name=b/../../../escaped')).body, 'hello')
  assert.ok(!existsSync(join(folder, 'escaped')) && !existsSync(join(dirname(folder), 'escaped')))
  assert.deepEqual(files(), [])
})

test('a full disk stores nothing, says so, and gives every answer', { skip: withoutSmallDisk() }, async t => {
  const disk = mountSmallDisk(t, 8 * 2 ** 20)
  const { get, recorder, errors } = await site(t, { root: disk })
  const body = 'x'.repeat(12 * 2 ** 20)
  recorder.answer = answers(body)
  assert.equal((await get('/a')).body.length, body.length)
  await settled(() => errors().includes('(28: No space left on device)'))
  assert.match(errors(), /\[crit\].* pwritev?\(\) "\S+\.part" failed \(28: /)
  recorder.answer = answers('small')
  assert.equal((await get('/b')).body, 'small')
  await settled(() => existsSync(join(disk, 'b')))
  assert.ok(!readdirSync(disk).some(name => name !== 'b' && name !== 'lost+found'))
})

test('with two threads, too', async t => {
  const { get, recorder } = await site(t, { args: ['--cores', '2'] })
  for (let i = 0; i < 6; i++) assert.deepEqual(await get(`/${i}`), { status: 200, body: 'hello' })
  for (let i = 0; i < 6; i++) assert.deepEqual(await get(`/${i}`), { status: 200, body: 'hello' })
  assert.ok(recorder.count >= 6)
})
