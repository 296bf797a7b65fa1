import assert from 'node:assert/strict'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  copyTree,
  type HeldFolder,
  holdFolder,
  makeFolder,
  moveTo,
  type Place,
  removeTree,
  replaceFile,
  searchable,
} from '../../src/disk/changes.ts'
import { DiskFailure } from '../../src/disk/failure.ts'
import type { SymlinkGuard } from '../../src/disk/open-file.ts'
import { temporaryFolder } from '../support/owner.ts'

const NOW = { mode: 0o640, exact: true, changed: null }

async function held(t: TestContext, path: string, guard: SymlinkGuard | null = null): Promise<HeldFolder> {
  const folder = await holdFolder(`${path}/`, guard)
  assert.ok(!(folder instanceof DiskFailure), String(folder))
  t.after(() => folder.letGo())
  return folder
}

async function* pieces(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text)
}

test('a file is written whole, with its mode and its time, in the place of what is there', async t => {
  const path = temporaryFolder(t)
  const folder = await held(t, path)
  const place = folder.place('file')
  assert.equal(await replaceFile(place, pieces('one ', 'two'), { ...NOW, changed: 1_700_000_000 }), null)
  const { mode, mtimeMs } = lstatSync(join(path, 'file'))
  assert.deepEqual([mode & 0o777, mtimeMs], [0o640, 1_700_000_000_000])
  assert.equal(await replaceFile(place, pieces('again'), NOW), null)
  assert.equal(readFileSync(join(path, 'file'), 'utf8'), 'again')
  assert.deepEqual(readdirSync(path), ['file'])
})

test('what breaks off leaves what was there, and nothing else', async t => {
  const path = temporaryFolder(t)
  const folder = await held(t, path)
  writeFileSync(join(path, 'file'), 'before')
  const breaking = async function* () {
    yield Buffer.from('half of it')
    throw new Error('the client is gone')
  }
  await assert.rejects(replaceFile(folder.place('file'), breaking(), NOW), /the client is gone/)
  assert.equal(readFileSync(join(path, 'file'), 'utf8'), 'before')
  assert.deepEqual(readdirSync(path), ['file'])
})

test('a folder is not replaced by a file', async t => {
  const path = temporaryFolder(t)
  mkdirSync(join(path, 'folder'))
  const folder = await held(t, path)
  const failure = await replaceFile(folder.place('folder'), pieces('x'), NOW)
  assert.equal(failure?.code, 'EISDIR')
  assert.match(failure.text, /^rename\(\) "[^"]*folder" failed \(21: Is a directory\)$/)
  assert.deepEqual(readdirSync(path), ['folder'])
})

test('a link is replaced, and what it leads to stays', async t => {
  const path = temporaryFolder(t)
  writeFileSync(join(path, 'target'), 'theirs')
  symlinkSync('target', join(path, 'link'))
  const folder = await held(t, path)
  assert.equal(await replaceFile(folder.place('link'), pieces('ours'), NOW), null)
  assert.deepEqual(
    ['target', 'link'].map(name => readFileSync(join(path, name), 'utf8')),
    ['theirs', 'ours'],
  )
})

test('what is held stays held, wherever its name leads by now', async t => {
  const path = temporaryFolder(t)
  for (const name of ['real', 'other']) mkdirSync(join(path, name))
  const folder = await held(t, join(path, 'real'))
  const around = await held(t, path)
  assert.equal(await moveTo(around.place('real'), around.place('moved')), null)
  symlinkSync('other', join(path, 'real'))
  assert.equal(await makeFolder(folder.place('new'), 0o755), null)
  assert.deepEqual(readdirSync(join(path, 'moved')), ['new'])
  assert.deepEqual(readdirSync(join(path, 'other')), [])
})

test('where links are not to be followed, no folder is held by way of one', async t => {
  const path = temporaryFolder(t)
  mkdirSync(join(path, 'real'))
  symlinkSync('real', join(path, 'link'))
  const refused = await holdFolder(`${path}/link/`, { mode: 'on', from: path.length })
  assert.ok(refused instanceof DiskFailure && refused.isRefusal, String(refused))
  await held(t, join(path, 'real'), { mode: 'on', from: path.length })
  await held(t, join(path, 'link'))
})

test('a tree is removed with its links, and not what they lead to', async t => {
  const path = temporaryFolder(t)
  mkdirSync(join(path, 'tree/sub'), { recursive: true })
  mkdirSync(join(path, 'outside'))
  writeFileSync(join(path, 'tree/sub/file'), '')
  writeFileSync(join(path, 'outside/kept'), '')
  symlinkSync('../outside', join(path, 'tree/link'))
  const folder = await held(t, path)
  const told: string[] = []
  assert.equal(await removeTree(folder.place('tree'), ({ text }) => void told.push(text)), null)
  assert.deepEqual([readdirSync(path), readdirSync(join(path, 'outside')), told], [['outside'], ['kept'], []])
})

test('a tree is copied but for its links; what cannot be copied is told', async t => {
  const path = temporaryFolder(t)
  mkdirSync(join(path, 'from/sub'), { recursive: true })
  mkdirSync(join(path, 'to'))
  writeFileSync(join(path, 'from/a'), 'a')
  writeFileSync(join(path, 'from/sub/b'), 'b')
  writeFileSync(join(path, 'from/bad'), '')
  symlinkSync('a', join(path, 'from/link'))
  chmodSync(join(path, 'from/sub'), 0o700)
  const folder = await held(t, path)
  const told: string[] = []
  const copy = async (from: Place, to: Place) => {
    if (from.path.endsWith('bad')) return new DiskFailure('open()', from.path, { code: 'EACCES', errno: 13 })
    return replaceFile(to, pieces(readFileSync(from.reach, 'utf8')), NOW)
  }
  await copyTree(folder.place('from'), folder.place('to'), copy, ({ text }) => void told.push(text))
  assert.deepEqual(readdirSync(join(path, 'to'), { recursive: true }).sort(), ['a', 'sub', 'sub/b'])
  assert.equal(lstatSync(join(path, 'to/sub')).mode & 0o777, 0o700)
  assert.match(told.join('\n'), /^open\(\) "[^"]*from\/bad" failed \(13: Permission denied\)$/)
  assert.equal(readlinkSync(join(path, 'from/link')), 'a')
})

test('whoever may read a folder’s files may search it', () => {
  assert.deepEqual([0o600, 0o644, 0o660].map(searchable), [0o700, 0o755, 0o770])
})
