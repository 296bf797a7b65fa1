import assert from 'node:assert/strict'
import { openSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { FileBody } from '../../src/files/file-body.ts'
import { temporaryFolder } from '../support/owner.ts'

function bodyOf(t: TestContext, content: Buffer): { body: FileBody; path: string; isOpen: () => boolean } {
  const path = join(temporaryFolder(t), 'file')
  writeFileSync(path, content)
  const descriptor = openSync(path, 'r')
  const isOpen = () => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === path
    } catch {
      return false
    }
  }
  return { body: new FileBody(descriptor, path, content.length), path, isOpen }
}

// A file is closed by the system's own threads: looked for again until it is.
async function closed(isOpen: () => boolean): Promise<void> {
  while (isOpen()) await new Promise(setImmediate)
}

const LARGE = Buffer.alloc(1_000_000, 'some content that does not repeat in powers of two; ')

test('a file comes in pieces, in order, each a buffer of its own', async t => {
  const { body, isOpen } = bodyOf(t, LARGE)
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(piece)
  assert.ok(Buffer.concat(pieces).equals(LARGE))
  assert.ok(pieces.length > 2 && pieces.every(({ length }) => length <= 256 * 1024))
  assert.equal(new Set(pieces.map(({ buffer }) => buffer)).size, pieces.length)
  await closed(isOpen)
})

test('a file that grows is sent as long as it was', async t => {
  const { body, path } = bodyOf(t, Buffer.from('short'))
  writeFileSync(path, 'short, and longer')
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(piece)
  assert.equal(String(Buffer.concat(pieces)), 'short')
})

test('a file that shrinks while it is sent breaks the answer, and is closed', async t => {
  const { body, path, isOpen } = bodyOf(t, LARGE)
  const first = await body.next()
  assert.equal(first.done, false)
  truncateSync(path, 200_000)
  await assert.rejects(async () => {
    for await (const _ of body);
  }, /was truncated while it was sent: it ends at 200000/)
  await closed(isOpen)
  assert.equal((await body.next()).done, true)
})

test('a reader that stops closes the file, at whatever moment', async t => {
  const before = bodyOf(t, LARGE)
  await before.body.return()
  await closed(before.isOpen)
  assert.equal((await before.body.next()).done, true)

  const between = bodyOf(t, LARGE)
  for await (const _ of between.body) break
  await closed(between.isOpen)

  const during = bodyOf(t, LARGE)
  const reading = during.body.next()
  await Promise.all([during.body.return(), during.body.return()])
  assert.equal((await reading).done, true, 'what nobody waits for any more is not handed over')
  await closed(during.isOpen)
})

test('parts come in the order that was asked for, with what stands between them', async t => {
  const { body, isOpen } = bodyOf(t, Buffer.from('0123456789'))
  body.cut([
    { start: 8, end: 10 },
    Buffer.from('|'),
    { start: 3, end: 3 },
    { start: 0, end: 2 },
    Buffer.from('.'),
  ])
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(piece)
  assert.equal(String(Buffer.concat(pieces)), '89|01.')
  await closed(isOpen)
})

test('what has been cut is cut again as what it is by then', async t => {
  const { body, isOpen } = bodyOf(t, Buffer.from('0123456789'))
  body.cut([Buffer.from('head'), { start: 6, end: 10 }])
  body.cut([
    { start: 2, end: 6 },
    Buffer.from('|'),
    { start: 4, end: 5 },
    { start: 0, end: 1 },
    { start: 7, end: 8 },
  ])
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(piece)
  assert.equal(String(Buffer.concat(pieces)), 'ad67|6h9')
  await closed(isOpen)
})
