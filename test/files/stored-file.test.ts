import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openFile } from '../../src/disk/open-file.ts'
import { StoredFile, type StoredTerms } from '../../src/files/stored-file.ts'
import { temporaryFolder } from '../support/owner.ts'

async function store(
  path: string,
  body: string | Buffer,
  terms: Partial<StoredTerms> = {},
): Promise<string[]> {
  const said: string[] = []
  const file = new StoredFile(path, { mode: 0o600, changed: null, failed: text => said.push(text), ...terms })
  file.write(Buffer.from(body))
  file.whole()
  await over(file)
  return said
}

async function over(file: StoredFile): Promise<void> {
  while (!file.over) await new Promise(resolve => setImmediate(resolve))
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

test('it has its mode and its time, and the folders around it can be searched by its readers', async t => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a/b/file')
  const before = process.umask(0o022)
  t.after(() => process.umask(before))
  assert.deepEqual(await store(path, 'text', { mode: 0o664, changed: 1_700_000_000 }), [])
  assert.equal(readFileSync(path, 'utf8'), 'text')
  assert.equal(statSync(path).mtimeMs, 1_700_000_000_000)
  // As with nginx, the process's mask is for folders only.
  assert.deepEqual(
    [modeOf(path), modeOf(join(folder, 'a')), modeOf(join(folder, 'a/b'))],
    ['664', '755', '755'],
  )
})

test('it takes the place of what is there: a file, or a link, which is not followed', async t => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'target'), 'mine')
  symlinkSync('target', join(folder, 'link'))
  await store(join(folder, 'link'), 'new')
  assert.equal(readFileSync(join(folder, 'target'), 'utf8'), 'mine')
  assert.equal(readFileSync(join(folder, 'link'), 'utf8'), 'new')
  assert.deepEqual(readdirSync(folder).sort(), ['link', 'target'])
})

test('of one that breaks off nothing stays, not even folders; what was there does', async t => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'file'), 'before')
  for (const path of ['file', 'made/for/it']) {
    const failed = (text: string) => assert.fail(text)
    const file = new StoredFile(join(folder, path), { mode: 0o600, changed: null, failed })
    file.write(Buffer.alloc(2_000_000))
    while (readdirSync(folder, { recursive: true }).length < 2)
      await new Promise(resolve => setImmediate(resolve))
    file.fail()
    await over(file)
  }
  assert.deepEqual(readdirSync(folder), ['file'])
  assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'before')
})

test('what the disk refuses is told in nginx’s words, and leaves nothing', async t => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'folder/within'), { recursive: true })
  writeFileSync(join(folder, 'file'), 'x')
  const told = async (path: string) => (await store(path, 'text')).join().replaceAll(folder, '')
  assert.match(
    await told(join(folder, 'folder')),
    /^rename\(\) "\/\.\w{24}\.part" to "\/folder" failed \(21: Is a directory\)$/,
  )
  assert.match(
    await told(`${folder}/folder/`),
    /^rename\(\) "\/\.\w{24}\.part" to "\/folder\/" failed \(20: Not a directory\)$/,
  )
  assert.match(
    await told(join(folder, 'file/below')),
    /^open\(\) "\/file\/\.\w{24}\.part" failed \(20: Not a directory\)$/,
  )
  assert.equal(
    await told('/proc/nowhere/file'),
    'mkdir() "/proc/nowhere/file" failed (2: No such file or directory)',
  )
  assert.deepEqual(readdirSync(folder, { recursive: true }).sort(), ['file', 'folder', 'folder/within'])
})

test('whoever looks for it before its last byte is on the disk waits for that', async t => {
  const path = join(temporaryFolder(t), 'file')
  const file = new StoredFile(path, { mode: 0o600, changed: null, failed: text => assert.fail(text) })
  file.write(Buffer.alloc(10_000))
  assert.ok(!existsSync(path))
  file.whole()
  const found = await openFile(path, null)
  assert.ok('facts' in found)
  assert.equal(found.facts.size, 10_000)
  await over(file)
})
