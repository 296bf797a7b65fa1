import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { closeFile } from '../../src/disk/calls.ts'
import { DiskFailure } from '../../src/disk/failure.ts'
import { lookAt, lookAtLink, openFile, type SymlinkGuard } from '../../src/disk/open-file.ts'
import { temporaryFolder } from '../support/owner.ts'

const ON: SymlinkGuard = { mode: 'on', from: 0 }
const OWNER: SymlinkGuard = { mode: 'if_not_owner', from: 0 }

function treeOf(t: TestContext): string {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'real'))
  writeFileSync(join(folder, 'real/file'), 'content')
  symlinkSync('real', join(folder, 'link'))
  symlinkSync('file', join(folder, 'real/inner'))
  symlinkSync('/etc/hostname', join(folder, 'theirs'))
  execFileSync('mkfifo', [join(folder, 'fifo')])
  return folder
}

// `file`, `folder`, `other`, or the failure's code; the descriptor is closed, and none is left.
async function kindOf(path: string, guard: SymlinkGuard | null): Promise<string> {
  const found = await openFile(path, guard)
  if (!(found instanceof DiskFailure)) await closeFile(found.descriptor)
  const looked = await lookAt(path, guard)
  const kinds = [found, looked].map(each =>
    each instanceof DiskFailure ? each.code : 'kind' in each ? each.kind : each.facts.kind,
  )
  assert.equal(kinds[0], kinds[1], 'opened and looked at, it is the same')
  return kinds[0]!
}

test('files, folders and other things are told apart', async t => {
  const folder = treeOf(t)
  const expected = {
    'real/file': 'file',
    real: 'folder',
    'real/': 'folder',
    'link/inner': 'file',
    fifo: 'other',
    nope: 'ENOENT',
    'real/file/x': 'ENOTDIR',
    'real/file\0': 'ENOENT',
    [`real/${'x'.repeat(300)}`]: 'ENAMETOOLONG',
  }
  for (const [name, kind] of Object.entries(expected))
    assert.equal(await kindOf(join(folder, name), null), kind, name)
})

test('a guard lets no link be followed, or only those of an owner to what is his', async t => {
  const folder = treeOf(t)
  const expected: Record<string, [on: string, owner: string]> = {
    'real/file': ['file', 'file'],
    'real/': ['folder', 'folder'],
    'real/inner': ['ELOOP', 'file'],
    'link/file': ['ENOTDIR', 'file'],
    'link/': ['ENOTDIR', 'folder'],
    'real/../real/./file': ['file', 'file'],
    'real//file': ['file', 'file'],
    'real/file/': ['ENOTDIR', 'ENOTDIR'],
    nope: ['ENOENT', 'ENOENT'],
    fifo: ['other', 'other'],
  }
  for (const [name, [on, owner]] of Object.entries(expected)) {
    const path = `${folder}/${name}`
    assert.equal(await kindOf(path, ON), on, `${name} with "on"`)
    assert.equal(await kindOf(path, OWNER), owner, `${name} with "if_not_owner"`)
  }
  const from = { mode: 'on', from: join(folder, 'link').length } as const
  assert.equal(await kindOf(join(folder, 'link/file'), from), 'file')
  assert.equal(await kindOf(join(folder, 'link/inner'), from), 'ELOOP')
})

test('a link of one owner to a file of another is not followed', {
  skip: process.getuid?.() === 0 ? false : 'only root can give a file away',
}, async t => {
  const folder = treeOf(t)
  execFileSync('chown', ['-h', '65534', join(folder, 'real/inner')])
  assert.equal(await kindOf(join(folder, 'real/inner'), OWNER), 'ELOOP')
  assert.equal(await kindOf(join(folder, 'theirs'), OWNER), 'file', 'both are root’s')
})

test('facts are those of the file, to the second', async t => {
  const folder = treeOf(t)
  const path = join(folder, 'real/file')
  // The nearest number of milliseconds belongs to the next second.
  execFileSync('touch', ['-d', '@1700000000.999999999', path])
  chmodSync(path, 0o755)
  assert.deepEqual(await lookAt(path, null), {
    kind: 'file',
    size: 7,
    changed: 1_700_000_000,
    executable: true,
    mode: 0o755,
  })
  const link = await lookAtLink(join(folder, 'link'))
  assert.ok(!(link instanceof DiskFailure) && link.kind === 'other')
})

test('names that are not UTF-8 are found', async t => {
  const folder = temporaryFolder(t)
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xe9])]), '')
  assert.equal(await kindOf(`${folder}/\xff\xe9`, null), 'file')
  assert.equal(await kindOf(`${folder}/\xff\xe9`, ON), 'file')
})

test('failures are told in the words of nginx’s log, and leave nothing open', async t => {
  const folder = treeOf(t)
  const before = readdirSync('/proc/self/fd').length
  const texts = [
    [null, 'nope', `open() "${folder}/nope" failed (2: No such file or directory)`],
    [ON, 'nope', `openat() "${folder}/nope" failed (2: No such file or directory)`],
    [ON, 'real/inner', `openat() "${folder}/real/inner" failed (40: Too many levels of symbolic links)`],
    [ON, 'link/file', `openat() "${folder}/link/file" failed (20: Not a directory)`],
  ] as const
  for (const [guard, name, text] of texts) {
    const found = await openFile(join(folder, name), guard)
    assert.ok(found instanceof DiskFailure)
    assert.equal(found.text, text)
  }
  assert.equal(readdirSync('/proc/self/fd').length, before)
})
