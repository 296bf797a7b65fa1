// What the companion says when a worker ends: with real gunicorn, every kind of end, seen in its lines.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, connectRaw } from '../support/raw-client.ts'
import { without } from '../support/servers.ts'
import { startShield } from '../support/shield.ts'
import { gunicorns, startCompanion } from './companion.ts'

const skip = without('gunicorn')

for (const { name, program } of gunicorns.length > 0 ? gunicorns : [{ name: 'gunicorn', program: '' }]) {
  test(`${name}: a request that ran too long is named, with its stack, and cut`, { skip }, async t => {
    const gunicorn = await startCompanion(t, { program })
    const client = await connectRaw(t, gunicorn.address)
    client.request('GET', '/hang?token=secret', 'X-Request-ID: 6f1c2a9e')
    const line = await gunicorn.find(/is stopped by SIGABRT/)
    assert.match(line.msg, /A request ran too long/)
    assert.match(line.msg, /It was in GET \/hang \(id 6f1c2a9e\), for \d\.\d s\. The stack shows/)
    assert.equal(line.cause, 'timeout')
    assert.equal(line.stream, 'stderr')
    assert.deepEqual(
      { ...line.requests[0], seconds: 0 },
      { method: 'GET', url: '/hang', id: '6f1c2a9e', seconds: 0 },
    )
    assert.ok(line.requests[0].seconds >= 2)
    assert.match(
      line.stack,
      /in wait_for_the_report\n {4}time\.sleep\(600\)\n$/,
      'it ends where the signal came in',
    )
    assert.match(line.stack, /^ +File .*in run\n/, 'it begins with the worker’s loop')
    assert.match((await gunicorn.find(/WORKER TIMEOUT/)).meaning, /signals\.md#sigabrt/)
    assert.equal(await client.rest(), null, 'no answer that looks like one of the app')
    await gunicorn.log.until(() => gunicorn.all(/Booting worker/).length === 2, 'a new worker')
    assert.equal(gunicorn.all(/ended without a word/).length, 0, 'said once')
  })

  test(`${name}: one that hangs inside a C library is named by the master`, { skip }, async t => {
    const gunicorn = await startCompanion(t, { program })
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/query', 'X-Request-ID: q1')
    const line = await gunicorn.find(/ended without a word/)
    assert.match(line.msg, /inside a call that did not come back to Python/)
    assert.match(line.msg, /It was in GET \/query \(id q1\)/)
    assert.match(line.stack, /in forever_in_c/)
    assert.equal(line.cause, 'timeout')
    const [killed] = gunicorn.all(/SIGKILL|signal 9/)
    assert.match(killed!.meaning, /by gunicorn itself.*memory is not the reason/)
  })

  test(`${name}: an idle connection, a slow reader and a slow body are told apart from a slow app`, {
    skip,
  }, async t => {
    const gunicorn = await startCompanion(t, {
      program,
      env: { WEB_CONCURRENCY: '3', GUNICORN_TIMEOUT: '3' },
    })
    await connectRaw(t, gunicorn.address)
    ;(await connectRaw(t, gunicorn.address, { paused: true })).request('GET', '/large')
    ;(await connectRaw(t, gunicorn.address)).request('POST', '/body', 'Content-Length: 10')
    const aborts = (): string[] => gunicorn.all(/is stopped by SIGABRT/).map(line => line.msg)
    await gunicorn.log.until(() => aborts().length >= 3, 'three workers to be stopped')
    const [idle, reader, body] = [/in none/, /GET \/large/, /POST \/body/].map(words =>
      aborts().find(msg => words.test(msg)),
    )
    assert.match(idle ?? '', /no request that ran too long.*a connection that sent no whole request head/)
    assert.match(reader ?? '', /sending the answer, to a client that reads slowly/)
    assert.match(body ?? '', /waiting for the request's body/)
  })

  test(`${name}: a worker that is killed, or crashes, is told of by the master`, { skip }, async t => {
    const gunicorn = await startCompanion(t, { program })
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/killed')
    const killed = await gunicorn.find(/ended without a word.*GET \/killed/)
    assert.match(killed.msg, /It was killed \(SIGKILL\), crashed/)
    assert.equal(killed.cause, 'killed')
    assert.match(gunicorn.all(/SIGKILL|signal 9/)[0]!.meaning, /the kernel, short of memory/)
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/crash')
    const crashed = await gunicorn.find(/ended without a word.*GET \/crash/)
    assert.match(crashed.msg, /SIGSEGV/)
    assert.match(crashed.stack, /in misbehave/)
    assert.match(gunicorn.all(/SIGSEGV|signal 11/)[0]!.meaning, /crashed/)
  })

  test(`${name}: an ordinary stop is no error, and says nothing that is not so`, { skip }, async t => {
    // One worker, which has answered: gunicorn loses the SIGTERM to one that has not set its handlers yet.
    const gunicorn = await startCompanion(t, { program, env: { WEB_CONCURRENCY: '1' } })
    const client = (await connectRaw(t, gunicorn.address)).request('GET', '/')
    assert.equal((await client.answer()).status, 200)
    assert.equal(await gunicorn.stop(), 0)
    assert.deepEqual(
      gunicorn.log.entries.filter(line => line.stream === 'stderr' || !['info'].includes(line.level)),
      [],
    )
  })

  test(`${name}: a reload is no error, and its workers speak as the first did`, { skip }, async t => {
    const gunicorn = await startCompanion(t, { program })
    assert.equal((await ask(t, gunicorn.address, '/')).status, 200)
    gunicorn.child.kill('SIGHUP')
    await gunicorn.find(/Worker exiting/)
    await gunicorn.log.until(() => gunicorn.all(/Booting worker/).length === 2, 'the new worker')
    assert.deepEqual(
      gunicorn.log.entries.filter(line => line.stream === 'stderr'),
      [],
    )
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/hang')
    await gunicorn.find(/is stopped by SIGABRT.*GET \/hang/)
    assert.equal(gunicorn.all(/WORKER TIMEOUT/).length, 1, 'each line is written once')
  })

  test(`${name}: a worker that dies of SIGTERM is an ordinary stop in the log too`, { skip }, async t => {
    const gunicorn = await startCompanion(t, { program })
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/terminated')
    const line = await gunicorn.find(/was sent SIGTERM|due to signal 15/)
    assert.equal(line.stream, 'stdout')
    assert.equal(line.level, 'info')
    assert.match(line.meaning, /ordinary stop.*#sigterm/)
  })

  test(`${name}: SIGQUIT to a worker is told as a stop, with what it cuts`, { skip }, async t => {
    const gunicorn = await startCompanion(t, { program, env: { GUNICORN_TIMEOUT: '60' } })
    // Answered and closed, so its worker is past its start, and in no request.
    const before = (await connectRaw(t, gunicorn.address)).request('GET', '/')
    assert.equal((await before.rest())?.status, 200)
    process.kill(await gunicorn.worker(), 'SIGQUIT')
    const idle = await gunicorn.find(/told to stop at once.*in no request/)
    assert.equal(idle.stream, 'stdout')
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/quit')
    const busy = await gunicorn.find(/told to stop at once.*GET \/quit/)
    assert.match(busy.msg, /an ordinary stop, no fault.*cut short; SIGTERM would have let it finish/)
    assert.equal(busy.level, 'warn')
  })

  test(`${name}: what a stop had to cut after graceful_timeout is named`, { skip }, async t => {
    const env = { GUNICORN_TIMEOUT: '60', GUNICORN_CMD_ARGS: '--graceful-timeout 1' }
    const gunicorn = await startCompanion(t, { program, env })
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/stop-master', 'X-Request-ID: s1')
    const line = await gunicorn.find(/ended without a word/)
    assert.match(line.msg, /not done within graceful_timeout \(1 s\)\. It was in GET \/stop-master \(id s1\)/)
    assert.equal(line.level, 'warn')
    assert.equal(await gunicorn.exited, 0)
  })

  test(`${name}: gthread: every request of the worker is named, the oldest first`, { skip }, async t => {
    const gunicorn = await startCompanion(t, { program, args: ['-k', 'gthread', '--threads', '4'] })
    const ids = ['t1', 't2']
    for (const id of ids)
      (await connectRaw(t, gunicorn.address)).request('GET', `/hang/${id}`, `X-Request-ID: ${id}`)
    await gunicorn.log.until(() => gunicorn.all(/entered \/hang/).length === 2, 'both requests to be in')
    // A pattern that holds the interpreter: no thread moves, the main one that gives the signs of life included.
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/pattern', 'X-Request-ID: p1')
    const line = await gunicorn.find(/ended without a word/)
    assert.match(line.msg, /It was in 3 requests: GET \/hang\/.*GET \/hang\/.*; GET \/pattern \(id p1\)/)
    assert.match(line.stack, /in forever_with_the_lock/)
  })

  test(`${name}: gthread: SIGABRT shows the stack of each thread that is in a request`, { skip }, async t => {
    const args = ['-k', 'gthread', '--threads', '2']
    const gunicorn = await startCompanion(t, { program, args, env: { GUNICORN_TIMEOUT: '60' } })
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/hang')
    await gunicorn.find(/entered \/hang/)
    process.kill(await gunicorn.worker(), 'SIGABRT')
    const line = await gunicorn.find(/is stopped by SIGABRT/)
    assert.match(line.msg, /No request had run for --timeout \(60 s\): somebody sent the signal/)
    assert.equal(line.cause, 'abort')
    assert.match(line.stack, /Thread \d+:.*in misbehave.*Thread \d+:/s)
  })

  const uvicorn = ['-k', 'uvicorn.workers.UvicornWorker']
  const asgi = { program, app: 'companion_app:asgi', args: uvicorn }

  test(`${name}: uvicorn: what blocks the loop is in the stack, and each request is named`, {
    skip: without('gunicorn', 'uvicorn'),
  }, async t => {
    const gunicorn = await startCompanion(t, asgi)
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/wait', 'X-Request-ID: w1')
    await gunicorn.find(/entered \/wait/)
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/hang?secret', 'X-Request-ID: h1')
    const line = await gunicorn.find(/is stopped by SIGABRT/)
    assert.match(line.msg, /2 requests: GET \/wait \(id w1\), for .*; GET \/hang \(id h1\), for /)
    assert.match(line.stack, /wait_for_the_report/)
    assert.equal(line.cause, 'timeout')
  })

  test(`${name}: uvicorn: a hang inside a C library is named by the master`, {
    skip: without('gunicorn', 'uvicorn'),
  }, async t => {
    const gunicorn = await startCompanion(t, asgi)
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/query', 'X-Request-ID: q1')
    const line = await gunicorn.find(/ended without a word/)
    assert.match(line.msg, /It was in GET \/query \(id q1\)/)
    assert.match(line.stack, /in forever_in_c/)
  })

  test(`${name}: uvicorn: an ordinary stop is no error`, {
    skip: without('gunicorn', 'uvicorn'),
  }, async t => {
    const gunicorn = await startCompanion(t, asgi)
    const client = (await connectRaw(t, gunicorn.address)).request('GET', '/')
    assert.equal((await client.answer()).status, 200)
    assert.equal(await gunicorn.stop(), 0)
    const loud = gunicorn.log.entries.filter(
      line => line.level !== 'info' && !/Deprecat|warnings\.warn|^$|For more/.test(line.text ?? ''),
    )
    assert.deepEqual(loud, [])
  })

  test(`${name}: uvicorn: what a stop had to cut is named`, {
    skip: without('gunicorn', 'uvicorn'),
  }, async t => {
    const env = { GUNICORN_TIMEOUT: '60', GUNICORN_CMD_ARGS: '--graceful-timeout 1' }
    const gunicorn = await startCompanion(t, { ...asgi, env })
    ;(await connectRaw(t, gunicorn.address)).request('GET', '/stop-master')
    const line = await gunicorn.find(/ended without a word/)
    assert.match(line.msg, /not done within graceful_timeout \(1 s\)\. It was in GET \/stop-master/)
  })

  test(`${name}: through the shield, both name the same request, and the shield counts it`, {
    skip,
  }, async t => {
    const gunicorn = await startCompanion(t, { program })
    const shield = await startShield(t, {
      upstream: gunicorn.address,
      args: ['-w', '1', '--worker-timeout', '2'],
    })
    const answer = await shield.get('/hang')
    assert.equal(answer.status, 502)
    const lost = await shield.logLine(line => line.msg === 'worker lost', 'the death certificate')
    assert.equal(lost.cause, 'timeout')
    const line = await gunicorn.find(/is stopped by SIGABRT/)
    assert.equal(line.requests[0].id, lost.id)
  })
}
