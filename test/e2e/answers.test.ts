// Answers on their way to the client: their framing for either version of HTTP, what is passed on, and what not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { value, values } from '../support/answer.ts'
import { answers, startRecorder, writes } from '../support/recorder.ts'
import { modes, startShield } from '../support/shield.ts'
import { closeDelimited, folds, interim, speaksHttp10 } from '../support/zoo.ts'

for (const mode of modes) {
  const args = ['--workers', '1', ...mode.args]

  test(`pipelined requests are answered in order (${mode.name})`, async t => {
    const recorder = await startRecorder(t, {
      answer: connection => answers(connection.request.target)(connection),
    })
    const shield = await startShield(t, { upstream: recorder.address, args })
    const client = await shield.connect()
    const targets = ['/1', '/2', '/3', '/4', '/5']
    client.send(
      targets.map(target => `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nGET`).join(''),
    )
    for (const target of targets) assert.equal((await client.answer()).body.toString(), target)
    assert.equal(recorder.count, 5)
  })

  test(`HTTP/1.0 is served and closed, unless it asks for keep-alive (${mode.name})`, async t => {
    const recorder = await startRecorder(t)
    const shield = await startShield(t, { upstream: recorder.address, args })
    const once = (await shield.connect()).send('GET / HTTP/1.0\r\n\r\n')
    assert.equal((await once.answer()).body.toString(), 'ok')
    assert.equal(await once.ended(), 'fin')
    const kept = (await shield.connect()).send('GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n')
    const answer = await kept.answer()
    assert.equal(value(answer, 'connection')?.toLowerCase(), 'keep-alive')
    kept.send('GET / HTTP/1.0\r\nHost: a\r\n\r\n')
    assert.equal((await kept.answer()).status, 200)
    assert.equal(await kept.ended(), 'fin')
  })

  test(`Connection: close is honoured and said (${mode.name})`, async t => {
    const recorder = await startRecorder(t)
    const shield = await startShield(t, { upstream: recorder.address, args })
    const client = (await shield.connect()).request('GET', '/', 'Connection: close')
    assert.equal(value(await client.answer(), 'connection')?.toLowerCase(), 'close')
    assert.equal(await client.ended(), 'fin')
  })

  for (const [name, answer] of Object.entries({ closeDelimited, speaksHttp10 })) {
    test(`${name}: chunked for HTTP/1.1, to the end of the connection for HTTP/1.0 (${mode.name})`, async t => {
      const recorder = await startRecorder(t, { answer })
      const shield = await startShield(t, { upstream: recorder.address, args })
      const client = (await shield.connect()).request('GET', '/')
      const first = await client.answer()
      assert.match(first.body.toString(), /all of it|old body/)
      assert.notEqual(first.framing, 'close')
      assert.equal((await client.request('GET', '/').answer()).status, 200, 'the connection lives on')
      const old = (await shield.connect()).send('GET / HTTP/1.0\r\n\r\n')
      const second = await old.answer()
      assert.notEqual(second.framing, 'chunked')
      assert.equal(second.body.toString(), first.body.toString())
      assert.equal(await old.ended(), 'fin')
    })
  }

  test(`HEAD, 204 and 304 have no body, and the connection goes on (${mode.name})`, async t => {
    const recorder = await startRecorder(t)
    const shield = await startShield(t, { upstream: recorder.address, args })
    const client = await shield.connect()
    const cases: [string, string, number][] = [
      ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n', 200],
      ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 200],
      ['HEAD', 'HTTP/1.1 404 Not Found\r\n\r\n', 404],
      ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', 204],
      ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\nETag: "a"\r\n\r\n', 304],
      ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 200],
      ['GET', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', 200],
    ]
    for (const [method, bytes, status] of cases) {
      recorder.answer = writes(bytes)
      const answer = await client.request(method, '/').answer()
      assert.equal(answer.status, status, bytes)
      assert.equal(answer.body.length, 0)
      assert.equal(client.received.length, 0, bytes)
    }
  })

  test(`HEAD keeps the length that GET would have (${mode.name})`, async t => {
    const recorder = await startRecorder(t, {
      answer: writes('HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n'),
    })
    const shield = await startShield(t, { upstream: recorder.address, args })
    const answer = await (await shield.connect()).request('HEAD', '/').answer()
    assert.equal(value(answer, 'content-length'), '1234')
  })

  test(`103 is passed on, 100 is not, and HTTP/1.0 sees neither (${mode.name})`, async t => {
    const recorder = await startRecorder(t, { answer: interim })
    const shield = await startShield(t, { upstream: recorder.address, args })
    const client = (await shield.connect()).request('GET', '/')
    const hints = await client.answer()
    assert.equal(hints.status, 103)
    assert.equal(value(hints, 'link'), '</a.css>; rel=preload')
    assert.equal((await client.answer()).body.toString(), 'body')
    const old = (await shield.connect()).send('GET / HTTP/1.0\r\n\r\n')
    assert.equal((await old.answer()).status, 200)
  })

  test(`trailers are passed on to who said TE: trailers, and to nobody else (${mode.name})`, async t => {
    const recorder = await startRecorder(t, {
      answer: writes(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n4\r\nbody\r\n0\r\nX-Sum: 7\r\n\r\n',
      ),
    })
    const shield = await startShield(t, { upstream: recorder.address, args })
    const client = await shield.connect()
    const asked = await client.request('GET', '/', 'TE: trailers', 'Connection: TE').answer()
    assert.equal(asked.body.toString(), 'body')
    assert.deepEqual(asked.trailers, [['X-Sum', '7']])
    const silent = await client.request('GET', '/').answer()
    assert.equal(silent.body.toString(), 'body')
    assert.deepEqual(silent.trailers, [])
  })

  test(`an early answer is delivered while the body is still coming (${mode.name})`, async t => {
    const recorder = await startRecorder(t, { when: 'head', answer: answers('early') })
    const streaming = ['--request-buffering', 'off', '--response-buffering', mode.args[3]]
    const shield = await startShield(t, { upstream: recorder.address, args: streaming })
    const client = await shield.connect()
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\nfirst')
    const answer = await client.answer()
    assert.equal(answer.body.toString(), 'early')
    assert.equal(value(answer, 'connection')?.toLowerCase(), 'close')
    await client.sent(Buffer.alloc(1024 * 1024))
    client.halfClose()
    await client.ended()
  })
}

test('fields keep their order, case and repetition; what belongs to the connection is removed', async t => {
  const recorder = await startRecorder(t, {
    answer: answers(
      '',
      'X-One: 1',
      'Set-Cookie: a=1',
      'x-tWO: 2',
      'Set-Cookie: b=2',
      'Keep-Alive: timeout=5',
      'X-Gone: 1',
      'Connection: X-Gone',
    ),
  })
  const shield = await startShield(t, { upstream: recorder.address })
  const answer = await shield.get('/')
  const names = answer.fields.map(([name]) => name)
  const kept = names.filter(name => ['X-One', 'Set-Cookie', 'x-tWO'].includes(name))
  assert.deepEqual(kept, ['X-One', 'Set-Cookie', 'x-tWO', 'Set-Cookie'])
  assert.deepEqual(values(answer, 'set-cookie'), ['a=1', 'b=2'])
  for (const gone of ['keep-alive', 'x-gone']) assert.deepEqual(values(answer, gone), [], gone)
})

test('a folded field of an answer is unfolded', async t => {
  const recorder = await startRecorder(t, { answer: folds })
  const shield = await startShield(t, { upstream: recorder.address })
  const answer = await shield.get('/')
  assert.match(value(answer, 'x-folded') ?? '', /^one +two$/)
})
