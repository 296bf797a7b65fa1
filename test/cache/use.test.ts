import assert from 'node:assert/strict'
import fs, { existsSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { test } from 'node:test'
import { digestOf, variantOf } from '../../src/cache/keys.ts'
import { writeRecord } from '../../src/cache/record.ts'
import { HeaderList } from '../../src/http1/headers.ts'
import { Random } from '../support/random.ts'
import { ended, kept, NOW, pour, rigOf } from './rig.ts'

const asking = (accept: string): HeaderList => {
  const headers = new HeaderList()
  headers.add('Accept-Encoding', accept)
  return headers
}

test('none, then fresh, then stale for one and being made anew for the others', async t => {
  const { use } = rigOf(t)
  const first = use('a')
  assert.equal(await first.open(), 'none')
  await pour(first, 'hello', kept(-1))
  const [one, other] = [use('a'), use('a')]
  assert.equal(await one.open(), 'stale')
  assert.equal(one.found?.body?.toString(), 'hello')
  assert.equal(await other.open(), 'updating')
  other.release()
  await pour(one, 'again')
  const later = use('a')
  assert.equal(await later.open(), 'fresh')
  assert.equal(later.take().body?.toString(), 'again')
  later.release()
  later.release()
})

test('one that comes to nothing gives the right to make it back', async t => {
  const { use } = rigOf(t)
  const first = use('a')
  await first.open()
  await pour(first, 'hello', kept(-1))
  for (let time = 0; time < 2; time++) {
    const one = use('a')
    assert.equal(await one.open(), 'stale')
    one.release()
  }
  const one = use('a')
  assert.equal(await one.open(), 'stale')
  one.fill(kept()).fail()
  const next = use('a')
  assert.equal(await next.open(), 'stale')
  next.release()
})

test('an answer whose last byte has come is waited for', async t => {
  const { use } = rigOf(t)
  const first = use('a')
  await first.open()
  const fill = first.fill(kept())
  fill.write(Buffer.from('hello'))
  fill.whole()
  const second = use('a')
  assert.equal(await second.open(), 'fresh')
  second.release()
  await ended(fill)
})

test('a file that cannot be opened for want of descriptors is there still when there are some', async t => {
  const { use, said } = rigOf(t)
  const first = use('a')
  await first.open()
  await pour(first, 'hello')
  const mocked = t.mock.method(fs, 'open', ((...args: unknown[]) => {
    const told = args.at(-1) as (error: Error) => void
    told(Object.assign(new Error('EMFILE'), { code: 'EMFILE', errno: -24 }))
  }) as never)
  syncBuiltinESMExports()
  const second = use('a')
  const found = await second.open()
  mocked.mock.restore()
  syncBuiltinESMExports()
  // The app is asked, and what it says is not kept.
  assert.equal(found, 'scarce')
  assert.match(said.join(), /^crit: open\(\) "[^"]+" failed \(24: Too many open files\)$/)
  second.release()
  const third = use('a')
  assert.equal(await third.open(), 'fresh')
  third.release()
})

test('with a lock one makes it and the others wait; when it fails the next does', async t => {
  const { use } = rigOf(t)
  const [one, two, three] = [1, 2, 3].map(() => use('a', { lock: true })) as [
    ReturnType<typeof use>,
    ReturnType<typeof use>,
    ReturnType<typeof use>,
  ]
  assert.equal(await one.open(), 'none')
  const waiting = [two.open(), three.open()]
  one.release()
  const winner = await Promise.race(waiting.map(async (found, i) => ({ found: await found, i })))
  assert.equal(winner.found, 'none')
  await pour([two, three][winner.i]!, 'hello')
  assert.deepEqual((await Promise.all(waiting)).sort(), ['fresh', 'none'])
  two.release()
  three.release()
})

test('who has waited long enough is served without; so is one whose client leaves', async t => {
  const { use, said } = rigOf(t)
  const first = use('a', { lock: true })
  await first.open()
  const hasty = use('a', { lock: true, lockTimeout: 0 })
  assert.equal(await hasty.open(), 'scarce')
  const short = use('a', { lock: true, lockTimeout: 30 })
  assert.equal(await short.open(), 'scarce')
  assert.deepEqual(said, ['info: cache lock timeout'])
  const leaving = use('a', { lock: true })
  const found = leaving.open()
  setImmediate(() => leaving.leave())
  assert.equal(await found, 'left')
  for (const each of [first, hasty, short, leaving]) each.release()
})

test('what is asked for rarely is scarce', async t => {
  const { use } = rigOf(t)
  const found = []
  for (let time = 0; time < 3; time++) {
    const one = use('a', { minUses: 3 })
    found.push(await one.open())
    one.release()
  }
  assert.deepEqual(found, ['scarce', 'scarce', 'none'])
})

test('variants lie beside one another, and one that is for all replaces them', async t => {
  const { use, store } = rigOf(t)
  const vary = kept(60, { vary: 'Accept-Encoding' })
  const fill = async (accept: string, answer = vary) => {
    const one = use('a', { headers: asking(accept) })
    const found = await one.open()
    if (found === 'none' || found === 'stale') await pour(one, accept, answer)
    const body = one.found?.body?.toString() ?? ''
    one.release()
    return found === 'fresh' ? body : found
  }
  assert.equal(await fill('gzip'), 'none')
  assert.equal(await fill('br'), 'none')
  assert.equal(await fill('gzip'), 'gzip')
  assert.equal(await fill('br'), 'br')
  assert.ok(existsSync(store.place(variantOf(digestOf('a'), 'Accept-Encoding', asking('br'))).file))
  // It depends on something else now: it takes the place of the first.
  assert.equal(await fill('zstd', kept(60)), 'none')
  for (const accept of ['gzip', 'br', 'any']) assert.equal(await fill(accept), 'zstd')
})

test('the key itself counts, and not only its digest', async t => {
  const { use, store, said } = rigOf(t)
  const one = use('a')
  await one.open()
  await pour(one, 'hello')
  const { file } = store.place(digestOf('a'))
  const head = writeRecord({ ...kept(), key: 'somebody else’s', variant: '' }, 5)
  writeFileSync(file, Buffer.concat([head, Buffer.from('other')]))
  const other = use('a')
  assert.equal(await other.open(), 'none')
  assert.match(said[0]!, /md5 collision/)
  assert.ok(existsSync(file))
  other.release()
})

test('what a HEAD was answered is not for a GET', async t => {
  const { use } = rigOf(t)
  const one = use('a', { headOnly: true })
  await one.open()
  await pour(one, '', kept(60, { headOnly: true }))
  const [head, get] = [use('a', { headOnly: true }), use('a')]
  assert.equal(await head.open(), 'fresh')
  assert.equal(await get.open(), 'none')
  head.release()
  get.release()
})

test('a status may stand for an answer, and a good one may be found good again', async t => {
  const { use, store } = rigOf(t)
  const one = use('a')
  await one.open()
  one.fail(502, NOW + 60)
  const two = use('a')
  assert.equal(await two.open(), 502)
  two.release()
  const three = use('b')
  await three.open()
  await pour(three, 'hello', kept(-1))
  const four = use('b')
  assert.equal(await four.open(), 'stale')
  const renewed = four.renew({ validUntil: NOW + 60, updatingFor: 0, errorFor: 0, date: NOW })
  const five = use('b')
  assert.equal(await five.open(), 'fresh')
  await renewed
  five.release()
  four.release()
  assert.equal(store.zone.stock.usage.count, 2)
})

test('one that went by what is kept replaces it', async t => {
  const { use } = rigOf(t)
  const one = use('a')
  await one.open()
  await pour(one, 'old')
  const past = use('a')
  assert.ok(past.bypass())
  await pour(past, 'new')
  const after = use('a')
  assert.equal(await after.open(), 'fresh')
  assert.equal(after.found?.body?.toString(), 'new')
  after.release()
})

test('a full zone forgets the oldest', async t => {
  const { use, store, folder } = rigOf(t)
  for (let i = 0; i < 70; i++) {
    const one = use(`key ${i}`)
    assert.equal(await one.open(), 'none')
    assert.ok(await pour(one, 'hello'))
  }
  assert.equal(store.zone.stock.usage.count, 64)
  assert.ok(!existsSync(store.place(digestOf('key 0')).file), folder)
  assert.ok(existsSync(store.place(digestOf('key 69')).file))
})

test('whatever becomes of many uses at once, nothing is held at their end, and nobody reads what another key has', async t => {
  const { use, store } = rigOf(t, { maxSize: 200_000 })
  const random = new Random(7)
  const pick = (of: number) => random.below(of)
  const bodyOf = (key: string) => key.repeat(pick(2) === 0 ? 10 : 10_000)
  const work = async (): Promise<void> => {
    const key = `key ${pick(90)} `
    const one = use(key, {
      lock: pick(2) === 0,
      lockTimeout: pick(30),
      minUses: 1 + pick(2),
      headers: asking(`x${pick(3)}`),
    })
    if (pick(10) === 0) setImmediate(() => one.leave())
    const found = pick(12) === 0 ? (one.bypass() ? 'none' : 'scarce') : await one.open()
    if (found === 'fresh' || found === 'updating') {
      const { record, body } = one.found!
      assert.equal(record.key, key)
      if (body !== null) assert.ok(body.toString().startsWith(key))
    } else if (found === 'none' || found === 'stale') {
      const what = pick(10)
      if (what === 0) one.fail(502, NOW - 1)
      else if (what === 1 && one.found !== null)
        await one.renew({ ...one.found.record.times, validUntil: NOW + 60 })
      else {
        const vary = pick(4) === 0 ? 'Accept-Encoding' : ''
        const fill = one.fill(kept(pick(2) * 60 - 1, { vary }))
        fill.write(Buffer.from(bodyOf(key)))
        if (what === 2) fill.fail()
        else fill.whole()
        await ended(fill)
      }
    }
    one.release()
  }
  await Promise.all(
    Array.from({ length: 30 }, async () => {
      for (let i = 0; i < 40; i++) await work()
    }),
  )
  while (await store.makeRoom());
  assert.deepEqual(store.zone.stock.usage, { ...store.zone.stock.usage, bytes: 0, count: 0 })
})
