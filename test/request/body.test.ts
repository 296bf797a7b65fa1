import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Failure } from '../../src/errors.ts'
import { Exchange } from '../../src/exchange.ts'
import type { BodySink } from '../../src/http1/body-decoder.ts'
import { BodyIntake, type BodySource } from '../../src/request/body.ts'
import type { SpoolFs } from '../../src/spool/folder.ts'
import { drain, KB, MB, piece, rig, settled, until } from '../spool/rig.ts'

/** A client's connection that says what it was asked to do. */
class Source implements BodySource {
  sink: BodySink | null = null
  readonly asked: string[] = []

  readBody(sink: BodySink): void {
    this.sink = sink
    this.asked.push('read')
  }

  pauseReading(): void {
    this.asked.push('pause')
  }

  resumeReading(): void {
    this.asked.push('resume')
  }
}

function intakeOf(
  t: TestContext,
  options: { memory?: number; disk?: number; fs?: SpoolFs; limit?: number; rereadable?: boolean },
) {
  const { store } = rig(t, {
    memory: options.memory ?? 64 * MB,
    disk: options.disk ?? 0,
    ...(options.fs === undefined ? {} : { fs: options.fs }),
  })
  const exchange = new Exchange('192.0.2.1', 0)
  const source = new Source()
  const spool = store.spool('request', null, options.rereadable ?? true)
  const intake = new BodyIntake(exchange, source, spool, options.limit ?? MB)
  return { store, exchange, source, spool, intake }
}

test('nothing is read before it is asked for; then it settles with the last byte', async t => {
  const { intake, source, spool, store } = intakeOf(t, {})
  assert.deepEqual([source.asked, intake.started], [[], false])
  const done = intake.read()
  assert.deepEqual([source.asked, intake.started], [['read'], true])
  source.sink!.data(piece(0, 100))
  source.sink!.data(piece(100, 50))
  assert.deepEqual([intake.whole, intake.resendable], [false, false])
  source.sink!.end(null)
  assert.equal(await done, null)
  assert.deepEqual([intake.whole, intake.resendable, spool.size], [true, true, 150])
  assert.equal(await drain(spool.reader()), 150)
  spool.destroy()
  await settled(store)
})

test('a body that is read once can be sent once', async t => {
  const { intake, source, spool } = intakeOf(t, { rereadable: false })
  const done = intake.read()
  source.sink!.data(piece(0, 10))
  source.sink!.end(null)
  await done
  assert.equal(intake.resendable, true)
  spool.reader()
  assert.equal(intake.resendable, false)
  spool.destroy()
})

test('a body of exactly the limit is taken, one byte more is not', async t => {
  for (const [sizes, code] of [
    [[100], null],
    [[60, 40], null],
    [[101], 'body_too_large'],
    [[100, 1], 'body_too_large'],
  ] as const) {
    const { intake, source, spool } = intakeOf(t, { limit: 100 })
    const done = intake.read()
    for (const size of sizes) source.sink!.data(piece(spool.size, size))
    source.sink!.end(null)
    assert.equal((await done)?.code ?? null, code, sizes.join('+'))
    assert.equal(intake.whole, code === null, sizes.join('+'))
    spool.destroy()
  }
})

test('after a failure nothing more is stored, and the first failure stands', async t => {
  const { intake, source, spool } = intakeOf(t, {})
  const done = intake.read()
  source.sink!.data(piece(0, 10))
  intake.fail(new Failure('client_left'))
  intake.fail(new Failure('internal'))
  source.sink!.data(piece(10, 10))
  source.sink!.end(null)
  assert.equal((await done)?.code, 'client_left')
  assert.deepEqual([spool.size, intake.whole], [10, false])
  spool.destroy()
})

test('a spool without room ends it as shortage of space, and gives all back', async t => {
  const { intake, source, store, spool } = intakeOf(t, { memory: 64 * KB })
  const done = intake.read()
  for (let i = 0; i < 3; i++) source.sink!.data(piece(i * 20 * KB, 20 * KB))
  const failure = await done
  assert.equal(failure?.code, 'spool_full')
  assert.match(failure.detail, /requests hold .* of memory/)
  assert.equal(intake.resendable, false)
  spool.destroy()
  await settled(store)
})

test('the client is made to wait while the disk works, and what went through it is counted', async t => {
  const { intake, source, spool, exchange } = intakeOf(t, { memory: 128 * KB, disk: 64 * MB, limit: 8 * MB })
  const done = intake.read()
  let sent = 0
  while (sent < 4 * MB) {
    source.sink!.data(piece(sent, 64 * KB))
    sent += 64 * KB
    if (source.asked.at(-1) === 'pause') await until(() => source.asked.at(-1) === 'resume')
  }
  source.sink!.end(null)
  assert.equal(await done, null)
  assert.ok(source.asked.includes('pause'), 'the client was never made to wait')
  assert.ok(exchange.spilled > MB, `${exchange.spilled} bytes went through the disk`)
  assert.equal(exchange.spilled, spool.spilled)
  assert.equal(await drain(spool.reader()), 4 * MB)
  spool.destroy()
})
