import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { test } from 'node:test'
import { check, drain, fill, folder, KB, MB, piece, rig, settled, until } from './rig.ts'

const timeout = 60_000

test('pieces are never longer than asked, nor than 64 KB unasked', { timeout }, async t => {
  const { store } = rig(t, { memory: 16 * MB, disk: 64 * MB })
  const spool = store.spool('request', null, true)
  await fill(spool, 3 * MB, 200 * KB)
  spool.end()
  for (const max of [undefined, 1000, 100 * KB]) {
    const reader = spool.reader()
    let at = 0
    let readable = true
    reader.onReadable = () => (readable = true)
    while (!reader.finished) {
      const bytes = reader.read(max)
      if (bytes === null) {
        readable = false
        await until(() => readable)
        continue
      }
      assert.ok(bytes.length > 0 && bytes.length <= (max ?? 64 * KB), `${bytes.length} bytes`)
      check(bytes, at)
      at += bytes.length
    }
    assert.equal(at, 3 * MB)
    reader.close()
  }
  spool.destroy()
  await settled(store)
})

test('memory is used again only when the caller says that it is free', { timeout }, async t => {
  const { store } = rig(t, { memory: 16 * MB, disk: 64 * MB })
  const spool = store.spool('request', null, true)
  await fill(spool, 8 * MB)
  spool.end()
  await until(() => spool.spilled > 7 * MB)
  for (const reuse of [false, true]) {
    const reader = spool.reader()
    const buffers = new Set<ArrayBufferLike>()
    const kept: Array<[Buffer, number]> = []
    let at = 0
    let readable = true
    reader.onReadable = () => (readable = true)
    while (!reader.finished) {
      if (reuse) reader.reuse()
      const bytes = reader.read()
      if (bytes === null) {
        readable = false
        await until(() => readable)
        continue
      }
      check(bytes, at)
      if (at > MB && at < 7 * MB) buffers.add(bytes.buffer)
      if (!reuse) kept.push([bytes, at])
      at += bytes.length
    }
    for (const [bytes, place] of kept) check(bytes, place)
    if (reuse) assert.equal(buffers.size, 2)
    else assert.ok(buffers.size > 10, `${buffers.size} buffers`)
    reader.close()
  }
  spool.destroy()
  await settled(store)
})

test('a reader closed in the middle of a read of the file is called no more', { timeout }, async t => {
  const { store } = rig(t, { memory: 16 * MB, disk: 64 * MB })
  const spool = store.spool('request', null, true)
  await fill(spool, 4 * MB)
  spool.end()
  const reader = spool.reader()
  let at = 0
  for (let bytes = reader.read(); bytes !== null; bytes = reader.read()) at += bytes.length
  assert.ok(at < 4 * MB)
  reader.onReadable = () => assert.fail('called after close')
  reader.close()
  reader.close()
  assert.equal(reader.read(), null)
  assert.equal(reader.finished, false)
  const again = spool.reader()
  assert.equal(await drain(again), 4 * MB)
  spool.destroy()
  await settled(store)
})

test('a destroyed spool gives its reader nothing more', { timeout }, async t => {
  const { store } = rig(t, { memory: MB, disk: 0 })
  const spool = store.spool('response', null, false)
  spool.write(piece(0, 2000))
  const reader = spool.reader()
  spool.destroy()
  assert.equal(reader.read(), null)
  assert.equal(reader.finished, false)
})

test('a killed process leaves no file behind', { timeout }, async t => {
  const dir = folder(t)
  const script = `
    import { SpoolStore } from ${JSON.stringify(new URL('../../src/spool/store.ts', import.meta.url).href)}
    const store = SpoolStore.open({ memory: 64e6, disk: 64e6, dir: process.argv[1], warn() {} })
    const spool = store.spool('response', null, false)
    const more = () => {
      while (spool.size < 8e6) if (!spool.write(Buffer.alloc(65536))) return
      console.log('spilled', store.limits.dir === null ? 'nothing' : spool.spilled)
    }
    spool.onRoom = more
    more()
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  if (line.includes('nothing')) return t.skip('the temporary folder is tmpfs')
  assert.match(line.toString(), /^spilled [1-9]/)
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.deepEqual(fs.readdirSync(dir), [])
})
