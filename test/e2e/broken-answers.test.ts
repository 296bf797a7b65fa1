// Answers that break off, or are not answers: never a clean end for what was not whole, and 502 for nonsense.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { value } from '../support/answer.ts'
import { type Gunicorn, startGunicorn } from '../support/gunicorn.ts'
import { file } from '../support/owner.ts'
import { startRecorder } from '../support/recorder.ts'
import { without } from '../support/servers.ts'
import { modes, type Shield, startShield } from '../support/shield.ts'
import { breaksOff, garbage, resetsAfter, saysTooMuch } from '../support/zoo.ts'

const skip = without('gunicorn')
const gunicorn = skip ? (null as unknown as Gunicorn) : await startGunicorn(file)

/** Asks, and proves that the client can tell that the answer is not whole. */
async function isCut(shield: Shield, target: string, version: '1.0' | '1.1'): Promise<void> {
  const client = await shield.connect()
  client.send(`GET ${target} HTTP/${version}\r\nHost: a\r\n\r\n`)
  const ending = await client.ended()
  // An answer that never began may be a 502 as well; a delimited one must be short; one that ends with the
  // connection must be reset, as FIN would be its clean end.
  if (ending === 'reset') return
  const answer = await client.rest()
  if (answer === null || answer.status === 502) return
  assert.ok(!answer.whole, `${answer.framing} looked whole: ${JSON.stringify(answer.body.toString())}`)
}

for (const mode of modes) {
  for (const [name, answer] of Object.entries(breaksOff)) {
    for (const version of ['1.1', '1.0'] as const) {
      test(`broken off, ${name}: cut, HTTP/${version} (${mode.name})`, async t => {
        const recorder = await startRecorder(t, { answer })
        const shield = await startShield(t, {
          upstream: recorder.address,
          args: ['--workers', '1', ...mode.args],
        })
        await isCut(shield, '/broken', version)
        const line = await shield.requestLine('/broken')
        assert.match(line.outcome, /^upstream:(responding|delivering)$/)
      })
    }
  }

  test(`broken off before the length that it announced: all that came is read, HTTP/1.0 (${mode.name})`, async t => {
    const recorder = await startRecorder(t, { answer: breaksOff.length })
    const shield = await startShield(t, {
      upstream: recorder.address,
      args: ['--workers', '1', ...mode.args],
    })
    const client = await shield.connect()
    client.send('GET / HTTP/1.0\r\nHost: a\r\n\r\n')
    // The length tells; a reset would throw away what the client has not read yet.
    assert.equal(await client.ended(), 'fin')
    const answer = await client.rest()
    assert.deepEqual([answer?.whole, answer?.body.toString()], [false, 'only this'])
  })

  test(`a close-delimited answer that is reset: cut in both versions (${mode.name})`, async t => {
    const recorder = await startRecorder(t, { answer: resetsAfter('HTTP/1.1 200 OK\r\n\r\nonly this') })
    const shield = await startShield(t, {
      upstream: recorder.address,
      args: ['--workers', '1', ...mode.args],
    })
    for (const [nth, version] of (['1.1', '1.0'] as const).entries()) {
      const client = await shield.connect()
      client.send(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`)
      await client.receives('only this')
      ;(await recorder.request(nth + 1)).socket.resetAndDestroy()
      const ending = await client.ended()
      if (version === '1.0') assert.equal(ending, 'reset')
      if (ending === 'fin') assert.equal((await client.rest())?.whole, false)
    }
  })

  for (const kind of ['length=1000', 'chunked=1']) {
    test(`a worker that dies in the middle of its answer, ${kind}: cut (${mode.name})`, { skip }, async t => {
      const shield = await startShield(t, {
        upstream: gunicorn.address,
        args: ['--workers', '4', ...mode.args],
      })
      await isCut(shield, `/die-mid?sent=500&${kind}`, '1.1')
      await isCut(shield, `/die-mid?sent=500&${kind}`, '1.0')
      assert.equal((await shield.get('/pid')).status, 200)
    })
  }
}

test('the certificate of an answer that broke off says so', async t => {
  const recorder = await startRecorder(t, { answer: breaksOff.length })
  const shield = await startShield(t, { upstream: recorder.address, args: ['--workers', '1'] })
  await isCut(shield, '/broken', '1.1')
  const lost = await shield.logLine(line => line.msg === 'worker lost', 'the certificate')
  assert.equal(lost.cause, 'truncated')
  assert.equal(lost.url, '/broken')
})

test('every kind of nonsense is a 502 that shows nothing of it, and the log quotes it safely', async t => {
  const recorder = await startRecorder(t)
  // Slots enough for all, as one comes back only a while after the proxy gave up on its worker.
  const shield = await startShield(t, { upstream: recorder.address, args: ['--workers', '40'] })
  for (const [name, bytes] of Object.entries(garbage)) {
    recorder.answer = ({ socket }) => void socket.end(Buffer.from(bytes, 'latin1'))
    const client = (await shield.connect()).request(
      'POST',
      `/${encodeURIComponent(name)}`,
      'Content-Length: 0',
    )
    const answer = await client.answer()
    assert.equal(answer.status, 502, name)
    assert.ok(!answer.body.toString().includes('127.0.0.1'), `${name}: no internal address`)
    const line = await shield.requestLine(`/${encodeURIComponent(name)}`)
    assert.ok(
      value(answer, 'x-request-id') === line.id || answer.body.toString().includes(line.id),
      `${name}: names its id`,
    )
  }
  assert.equal(
    shield.lines('worker lost').filter(line => line.cause === 'protocol').length,
    Object.keys(garbage).length,
  )
})

test('bytes beyond the announced length never reach a client', async t => {
  const recorder = await startRecorder(t, { answer: saysTooMuch })
  const shield = await startShield(t, { upstream: recorder.address, args: ['--workers', '1'] })
  const client = await shield.connect()
  for (let index = 0; index < 2; index++) {
    const answer = await client.request('GET', '/').answer()
    assert.equal(answer.body.toString(), 'body')
    assert.equal(client.received.length, 0)
  }
})

test('an answer head without an end is refused', async t => {
  const recorder = await startRecorder(t, {
    answer: ({ socket }) => void socket.write(`HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(100_000)}`),
  })
  const shield = await startShield(t, { upstream: recorder.address, args: ['--workers', '1'] })
  assert.equal((await shield.get('/')).status, 502)
})

test('interim answers without an end are refused', async t => {
  const recorder = await startRecorder(t, {
    answer: ({ socket }) => void socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(1000)),
  })
  const shield = await startShield(t, { upstream: recorder.address, args: ['--workers', '1'] })
  const client = (await shield.connect()).request('GET', '/', 'Connection: close')
  let answer = await client.answer()
  for (let count = 0; answer.status === 102 && count < 100; count++) answer = await client.answer()
  assert.equal(answer.status, 502)
})
