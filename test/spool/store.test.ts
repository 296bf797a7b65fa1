import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import type { Spool } from '../../src/spool/spool.ts'
import { SpoolStore } from '../../src/spool/store.ts'
import { drain, fill, folder, KB, MB, piece, rig, settled, until } from './rig.ts'

const timeout = 60_000

/** Notes what a request was refused for. */
function watch(spool: Spool): string[] {
  const troubles: string[] = []
  spool.onTrouble = (why, detail) => troubles.push(`${why}: ${detail}`)
  return troubles
}

test('the defaults: 128 MB or an eighth of the memory, 8 GB or half the free space', t => {
  const dir = folder(t)
  const warnings: string[] = []
  const store = SpoolStore.open({ memory: null, disk: null, dir, warn: message => warnings.push(message) })
  const { memory, disk } = store.limits
  assert.ok(memory > 0 && memory <= 128 * MB && memory <= os.totalmem() / 8, `memory ${memory}`)
  const { type, bavail, bsize } = fs.statfsSync(dir)
  if (type === 0x01021994) return t.skip('the temporary folder is tmpfs')
  assert.ok(disk > 0 && disk <= 8192 * MB && disk <= (bavail * bsize) / 2 + 64 * MB, `disk ${disk}`)
  assert.deepEqual(warnings, [])
})

test('what was asked for is taken as it is', t => {
  const store = SpoolStore.open({ memory: 5, disk: 0, dir: folder(t), warn: message => assert.fail(message) })
  assert.deepEqual(store.limits, { memory: 5, disk: 0, dir: null })
})

test('a folder that cannot be used means memory only, with one warning that says what to do', t => {
  const dir = path.join(folder(t), 'nowhere')
  const warnings: string[] = []
  const store = SpoolStore.open({ memory: MB, disk: MB, dir, warn: message => warnings.push(message) })
  assert.deepEqual(store.limits, { memory: MB, disk: 0, dir: null })
  assert.equal(warnings.length, 1)
  assert.ok(warnings[0]!.includes(dir) && warnings[0]!.includes('--spool-dir'), warnings.join())
})

test('tmpfs means memory only: nothing is spilled to what is memory itself', t => {
  if (!fs.existsSync('/dev/shm') || fs.statfsSync('/dev/shm').type !== 0x01021994) return t.skip('no tmpfs')
  const warnings: string[] = []
  const warn = (message: string) => warnings.push(message)
  const store = SpoolStore.open({ memory: 8 * MB, disk: MB, dir: '/dev/shm', warn })
  assert.deepEqual(store.limits, { memory: 8 * MB, disk: 0, dir: null })
  assert.match(warnings.join('\n'), /^spool: .*tmpfs.*--spool-dir/)
  const spool = store.spool('request', 'a', true)
  const troubles = watch(spool)
  spool.write(piece(0, MB))
  spool.write(piece(MB, MB))
  assert.deepEqual([troubles, store.usage().memory], [[], 2 * MB], 'a message may hold more than 1 MB then')
  spool.destroy()
})

for (const disk of [0, 16 * MB]) {
  const where = disk === 0 ? 'memory' : 'disk'
  const limits = { memory: disk === 0 ? 16 * MB : 64 * MB, disk }

  test(`no one client gets more than a quarter of the ${where}`, { timeout }, async t => {
    const { store } = rig(t, limits)
    const spools = Array.from({ length: 3 }, () => store.spool('request', 'a', true))
    const other = store.spool('request', 'b', true)
    const exempt = store.spool('request', null, true)
    const troubles = spools.map(watch)
    const others = [watch(other), watch(exempt)]
    for (const spool of spools) {
      await fill(spool, 2 * MB)
      // The two that fit are settled before the third asks: else it would be chance whose write is the one too many.
      await until(() => spool.dead || spool === spools[2] || spool.heldMemory + spool.heldDisk === 2 * MB)
    }
    await until(() => troubles[2]!.length === 1)
    assert.match(troubles[2]![0]!, new RegExp(`^full: the client's spools hold .* of the 4m of ${where}`))
    assert.deepEqual(troubles.slice(0, 2), [[], []])
    await fill(other, 2 * MB)
    assert.deepEqual(others, [[], []])
    for (const spool of [...spools, other, exempt]) spool.destroy()
    await fill(exempt, 10)
    await settled(store)
    const again = store.spool('request', 'a', true)
    await fill(again, 2 * MB)
    assert.equal(again.dead, false, 'what a client gave back it may have again')
    again.destroy()
    await settled(store)
  })

  test(`requests get half of the ${where}, answers the rest`, { timeout }, async t => {
    const { store } = rig(t, limits)
    const spools = Array.from({ length: 6 }, (_, i) => store.spool('request', `c${i}`, true))
    const troubles = spools.map(watch)
    for (const spool of spools) await fill(spool, 2 * MB)
    await until(() => troubles.some(list => list.length > 0))
    const refused = troubles.flat()
    for (const line of refused)
      assert.match(line, new RegExp(`^full: requests hold .* of their 8m of ${where}`))
    assert.equal(store.usage().refused, refused.length)
    const answer = store.spool('response', 'z', false)
    await fill(answer, 3 * MB)
    assert.equal(answer.size, 3 * MB)
    for (const spool of [...spools, answer]) spool.destroy()
    await settled(store)
  })

  test(`above three quarters of the requests' ${where} the slowest upload is refused`, {
    timeout,
  }, async t => {
    let clock = 1000
    const { store } = rig(t, { ...limits, clock: () => clock })
    const [slow, fast, tiny, young] = [0, 1, 2, 3].map(() => store.spool('request', null, true)) as [
      Spool,
      Spool,
      Spool,
      Spool,
    ]
    const troubles = [slow, fast, tiny, young].map(watch)
    await fill(tiny, 100) // Slower still, but its place would be no gain.
    await fill(slow, 2 * MB)
    await fill(fast, 3 * MB)
    clock += 10_000
    await fill(young, 2.75 * MB)
    await until(() => young.dead || troubles[0]!.length > 0)
    assert.match(troubles[0]![0]!, /^full: the slowest upload, 205k\/s, made room/)
    assert.deepEqual(troubles.slice(1), [[], [], []])
    assert.equal(store.usage().shed, 1)
    for (const spool of [slow, fast, tiny, young]) spool.destroy()
    await settled(store)
  })
}

test('uploads that are whole are not refused any more', { timeout }, async t => {
  let clock = 0
  const { store } = rig(t, { memory: 16 * MB, disk: 0, clock: () => clock })
  const whole = store.spool('request', null, true)
  const slow = store.spool('request', null, true)
  await fill(whole, 2 * MB)
  whole.end()
  clock += 1000
  await fill(slow, 3 * MB)
  clock += 10_000
  const next = store.spool('request', null, true)
  await fill(next, 2 * MB)
  assert.deepEqual([whole.dead, slow.dead, next.dead], [false, true, false])
  for (const spool of [whole, slow, next]) spool.destroy()
  await settled(store)
})

test('an answer beyond the limits goes at its client’s pace, with one warning for all', {
  timeout,
}, async t => {
  const { store, warnings } = rig(t, { memory: MB, disk: 0 })
  const answers = Array.from({ length: 5 }, () => store.spool('response', 'a', false))
  for (const answer of answers) {
    let room = true
    while (room) room = answer.write(piece(answer.size, 64 * KB))
  }
  assert.equal(warnings.length, 1, warnings.join('\n'))
  assert.match(warnings[0]!, /client's pace/)
  assert.ok(store.usage().paced > 0)
  for (const answer of answers) {
    const size = answer.size
    const reader = answer.reader()
    answer.end()
    assert.equal(await drain(reader), size)
    answer.destroy()
  }
  await settled(store)
})

test('an answer that was stopped goes on when another gives its memory back', { timeout }, async t => {
  const { store } = rig(t, { memory: MB, disk: 0 })
  const greedy = store.spool('response', null, false)
  while (greedy.write(piece(greedy.size, 64 * KB)));
  const answer = store.spool('response', 'a', false)
  let room = false
  answer.onRoom = () => (room = true)
  assert.equal(answer.write(piece(0, 64 * KB)), false)
  assert.equal(answer.write(piece(64 * KB, 64 * KB)), false, 'still none, but it is kept')
  greedy.destroy()
  await until(() => room)
  assert.equal(answer.size, 128 * KB)
  answer.destroy()
  await settled(store)
})

test('a closed store wakes nobody, and its spools can still be given back', async t => {
  const { store } = rig(t, { memory: 64 * KB, disk: 0 })
  const spool = store.spool('response', null, false)
  while (spool.write(piece(spool.size, 64 * KB)));
  store.close()
  store.close()
  spool.destroy()
  await settled(store)
})
