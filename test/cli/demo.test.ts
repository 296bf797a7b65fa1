// The demonstration's workers, talked to directly: their pages, one connection at a time, back after a kill,
// and gone when the demo stops or its process dies.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { startDemo } from '../../src/cli/demo/demo.ts'
import { type Answer, values } from '../support/answer.ts'
import { Journal } from '../support/journal.ts'
import { ask, connectRaw } from '../support/raw-client.ts'

interface Ready {
  number: number
  pid: number
  port: number
}

async function start(t: TestContext) {
  const ready = new Journal<Ready>(
    'workers',
    ({ number, pid, port }) => `worker ${number}: ${pid} at ${port}`,
  )
  const demo = await startDemo({
    onReady: ({ number, pid, port }) => ready.push({ number, pid, port }),
  })
  t.after(() => demo.stop())
  const at = demo.upstreams.map(({ address }) => {
    assert.ok(address.kind === 'tcp')
    return `127.0.0.1:${address.port}`
  })
  return { demo, ready, at }
}

/** What `X-Worker` says. */
function who(answer: Answer): { number: number; pid: number; served: number } {
  const said = /^(\d+); pid=(\d+); served=(\d+)$/.exec(values(answer, 'X-Worker')[0] ?? '')
  assert.ok(said, `no X-Worker that can be read: ${JSON.stringify(answer.fields)}`)
  return { number: Number(said[1]), pid: Number(said[2]), served: Number(said[3]) }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('four workers, each an upstream of its own with one slot', async t => {
  const { demo, ready, at } = await start(t)
  assert.equal(demo.workers, 1)
  assert.deepEqual(
    demo.upstreams.map(({ name }) => name),
    ['worker-1', 'worker-2', 'worker-3', 'worker-4'],
  )
  assert.equal(new Set(ready.entries.map(({ pid }) => pid)).size, 4)
  for (const [index, address] of at.entries()) {
    const answer = await ask(t, address, '/')
    assert.equal(answer.status, 200)
    const { number, pid } = who(answer)
    assert.equal(number, index + 1)
    assert.equal(pid, ready.entries.find(entry => entry.number === number)?.pid)
    assert.match(answer.body.toString(), new RegExp(`<strong>worker ${number}</strong>[^]*process ${pid}\\b`))
  }
})

test('the pages', async t => {
  const { at } = await start(t)
  const [one, two, three, four] = at as [string, string, string, string]
  const page = async (to: string, target: string) => {
    const answer = await ask(t, to, target)
    return { status: answer.status, type: values(answer, 'Content-Type')[0], text: answer.body.toString() }
  }
  assert.deepEqual(await page(one, '/health'), {
    status: 200,
    type: 'text/plain; charset=utf-8',
    text: 'healthy\n',
  })
  assert.match((await page(two, '/slow?seconds=0.01')).text, /^Worker 2 \(pid \d+\) worked for 0\.01 s\.\n$/)
  assert.equal((await page(three, '/slow?seconds=21')).status, 400)
  assert.equal((await page(four, '/slow?seconds=-1')).status, 400)
  assert.equal((await page(one, '/large?megabytes=257')).status, 400)
  assert.match((await page(two, '/upload')).text, /<form/)
  assert.equal((await page(three, '/nothing')).status, 404)
  assert.equal((await page(four, '/constructor')).status, 404)

  const large = await ask(t, one, '/large')
  assert.equal(large.framing, 'length')
  assert.equal(large.body.length, 8 * 1024 * 1024)

  const head = await (await connectRaw(t, two)).request('HEAD', '/large').answer()
  assert.equal(head.status, 200)
  assert.deepEqual(values(head, 'Content-Length'), [String(8 * 1024 * 1024)])

  const body = Buffer.alloc(300_000, 'upload ')
  for (const [method, to] of [
    ['POST', three],
    ['PUT', four],
  ] as const) {
    const client = await connectRaw(t, to)
    client.request(method, '/upload', `Content-Length: ${body.length}`).send(body)
    const told = (await client.answer()).body.toString()
    assert.match(told, new RegExp(`^bytes ${body.length}$`, 'm'))
    assert.match(told, new RegExp(`^sha256 ${createHash('sha256').update(body).digest('hex')}$`, 'm'))
  }

  const wrong = await connectRaw(t, one)
  const refused = await wrong.request('DELETE', '/upload').answer()
  assert.equal(refused.status, 405)
  assert.deepEqual(values(refused, 'Allow'), ['GET, POST, PUT'])
})

test('what is not served is refused, and the worker goes on', async t => {
  const { at } = await start(t)
  const to = at[0]!
  const refused = async (...bytes: string[]) => {
    const client = await connectRaw(t, to)
    const { status } = await client.send(...bytes).answer()
    client.close()
    return status
  }
  assert.equal(await refused('nonsense\r\n\r\n'), 400)
  assert.equal(await refused('POST /upload HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n'), 411)
  assert.equal(await refused('POST /upload HTTP/1.1\r\nContent-Length: -1\r\n\r\n'), 400)
  assert.equal(await refused(`GET / HTTP/1.1\r\nA: ${'x'.repeat(70_000)}`), 431)
  const half = await connectRaw(t, to)
  half.send('GET / HT').reset()
  assert.equal((await ask(t, to, '/health')).status, 200)
})

test('a worker serves one connection at a time, in the order in which they came', async t => {
  const { at } = await start(t)
  const to = at[0]!
  const first = await connectRaw(t, to)
  const second = await connectRaw(t, to)
  const third = await connectRaw(t, to)
  // The third one's request is with the worker before the first one's begins, and the first one's answer takes
  // two turns of the worker's loop. A worker that looked at the third by then would count it before the second.
  third.request('GET', '/health')
  first.request('POST', '/upload', 'Content-Length: 4', 'Expect: 100-continue')
  assert.equal((await first.answer('POST')).status, 100)
  first.send('body')
  const served = [who(await first.answer('POST')).served]
  first.close()
  second.request('GET', '/health')
  served.push(who(await second.answer()).served)
  second.close()
  served.push(who(await third.answer()).served)
  assert.deepEqual(served, [1, 2, 3])
})

test('a worker that was killed comes back at its port', async t => {
  const { ready, at } = await start(t)
  const first = ready.entries.find(({ number }) => number === 1)!
  const hanging = await connectRaw(t, at[0]!)
  const behind = await connectRaw(t, at[0]!)
  hanging.request('GET', '/hang')
  behind.request('GET', '/health')
  process.kill(first.pid, 'SIGKILL')
  await hanging.ended()
  await behind.ended()
  assert.equal(hanging.received.length + behind.received.length, 0)
  const back = await ready.find(
    ({ number, pid }) => number === 1 && pid !== first.pid,
    'the worker to come back',
  )
  assert.equal(back.port, first.port)
  assert.equal(who(await ask(t, at[0]!, '/')).pid, back.pid)
})

test('stop leaves no process, whatever the workers do', async t => {
  const { demo, ready, at } = await start(t)
  const hanging = await connectRaw(t, at[2]!)
  await hanging.sent('GET /hang HTTP/1.1\r\n\r\n')
  // One is killed and may be on its way back while the others are stopped.
  process.kill(ready.entries.find(({ number }) => number === 4)!.pid, 'SIGKILL')
  await demo.stop()
  const left = ready.entries.filter(({ pid }) => alive(pid))
  assert.deepEqual(left, [])
  await demo.stop()
})

test('workers end when the process that started them is gone', async t => {
  const demo = new URL('../../src/cli/demo/demo.ts', import.meta.url)
  const script = `
    const { startDemo } = await import(${JSON.stringify(demo.href)})
    const { upstreams } = await startDemo()
    console.log(JSON.stringify(upstreams.map(({ address }) => address.port)))`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => void parent.kill('SIGKILL'))
  const lines = new Journal<string>('the parent')
  createInterface({ input: parent.stdout }).on('line', line => lines.push(line))
  const ports: number[] = JSON.parse(await lines.find(line => line.startsWith('['), 'the ports'))
  const clients = await Promise.all(ports.map(port => connectRaw(t, `127.0.0.1:${port}`)))
  // One of them hangs and cannot hear that its parent has gone; the others are idle, or have half a request.
  await clients[0]!.sent('GET /hang HTTP/1.1\r\n\r\n')
  await clients[1]!.sent('GET / HT')
  // Gives the hanging one the time to be blocked in fact. Were it late, it would end as the idle ones do.
  await clients[3]!.request('GET', '/slow?seconds=0.3').answer()
  parent.kill('SIGKILL')
  for (const client of clients) await client.ended()
})

test('the words for people name the place, by a name that works', async t => {
  const { demo } = await start(t)
  const at = (host: string) => demo.describe({ kind: 'tcp', host, port: 8080 })
  assert.match(at('::'), /--limit-rate 100k -o \/dev\/null http:\/\/localhost:8080\/large$/m)
  assert.match(at('::1'), /curl http:\/\/\[::1\]:8080\/hang &$/m)
  assert.match(at('192.0.2.1'), /-T - http:\/\/192\.0\.2\.1:8080\/upload$/m)
  assert.match(at('::'), /^ {4}curl http:\/\/127\.0\.0\.1:9180\/status\.json$/m)
  assert.match(
    demo.describe({ kind: 'unix', path: '/run/shield.sock' }),
    /curl --unix-socket '\/run\/shield\.sock' http:\/\/localhost\/hang/,
  )
})
