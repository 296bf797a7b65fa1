import assert from 'node:assert/strict'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { copyOrMove } from '../../src/files/copying.ts'
import { temporaryFolder } from '../support/owner.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

function rig(t: TestContext, location = 'location / { root FOLDER;') {
  const folder = temporaryFolder(t)
  const text = `server { ${location.replace('FOLDER', folder)} dav_methods COPY MOVE; } }`
  const facts = factsOf(siteOf(t, text))
  mkdirSync(join(folder, 'tree/sub'), { recursive: true })
  writeFileSync(join(folder, 'tree/sub/deep'), 'deep')
  writeFileSync(join(folder, 'file'), 'content')
  const ask = async (
    method: 'COPY' | 'MOVE',
    target: string,
    to: string,
    fields: Readonly<Record<string, string>> = {},
    secure = false,
  ): Promise<number> => {
    const asked = { method, target, fields: { Destination: to, ...fields }, connection: { secure } }
    const outcome = await copyOrMove(visitOf(facts, asked))
    assert.ok(outcome.kind === 'status', outcome.kind)
    return outcome.status
  }
  return { folder, ask, tree: () => (readdirSync(folder, { recursive: true }) as string[]).sort() }
}

test('a copy has the content, the mode and the time of what it was made from', async t => {
  const { folder, ask } = rig(t)
  chmodSync(join(folder, 'file'), 0o600)
  utimesSync(join(folder, 'file'), 1_700_000_000, 1_700_000_000)
  assert.equal(await ask('COPY', '/file', '/copy'), 204)
  const { mode, mtimeMs } = lstatSync(join(folder, 'copy'))
  assert.deepEqual([mode & 0o777, mtimeMs], [0o600, 1_700_000_000_000])
  assert.equal(readFileSync(join(folder, 'copy'), 'utf8'), 'content')
})

test('a tree is copied, or moved, in the place of what is there', async t => {
  const { folder, ask, tree } = rig(t)
  mkdirSync(join(folder, 'there'))
  writeFileSync(join(folder, 'there/old'), '')
  assert.equal(await ask('COPY', '/tree/', '/there/', { Overwrite: 'F' }), 412)
  assert.equal(await ask('COPY', '/tree/', '/there/'), 201)
  assert.deepEqual(tree(), [
    'file',
    'there',
    'there/sub',
    'there/sub/deep',
    'tree',
    'tree/sub',
    'tree/sub/deep',
  ])
  assert.equal(await ask('MOVE', '/tree/', '/there/'), 201)
  assert.deepEqual(tree(), ['file', 'there', 'there/sub', 'there/sub/deep'])
})

test('a file that is moved finds its way made, and one that is not there makes none', async t => {
  const { ask, tree } = rig(t)
  assert.equal(await ask('MOVE', '/none', '/new/way/file'), 404)
  assert.equal(await ask('COPY', '/file', '/new/way/file'), 500)
  assert.ok(!tree().includes('new'))
  assert.equal(await ask('MOVE', '/file', '/new/way/file'), 204)
  assert.ok(tree().includes('new/way/file') && !tree().includes('file'))
})

test('nothing is copied onto itself, or into itself', async t => {
  const { ask } = rig(t)
  for (const method of ['COPY', 'MOVE'] as const) {
    assert.equal(await ask(method, '/file', '//file'), 403)
    assert.equal(await ask(method, '/tree/', '/tree/'), 403)
    assert.equal(await ask(method, '/tree/', '/tree/sub/within/'), 403)
    assert.equal(await ask(method, '/tree/sub/', '/tree/'), 403)
  }
})

test('a destination is a path, or an address of this very server', async t => {
  const { ask } = rig(t)
  for (const to of ['http://site.test/a', 'http://site.test:8080/a', 'http://SITE.TEST/a'])
    assert.equal(await ask('COPY', '/file', to), 204, to)
  for (const to of [
    'http://other.test/a',
    'http://site.test',
    'https://site.test/a',
    'ftp://site.test/a',
    'a',
    '',
  ])
    assert.equal(await ask('COPY', '/file', to), 400, to)
  assert.equal(await ask('COPY', '/file', 'https://site.test/a', {}, true), 204)
  assert.equal(await ask('COPY', '/file', '/a/'), 409)
  assert.equal(await ask('COPY', '/tree/', '/a'), 409)
})

test('below an alias, what is within its location stays there', async t => {
  const { ask, tree } = rig(t, 'location /i/ { alias FOLDER/;')
  assert.equal(await ask('COPY', '/i/file', '/file2'), 400)
  assert.equal(await ask('COPY', '/i/file', '/i/file2'), 204)
  assert.ok(tree().includes('file2'))
})

test('Depth and Overwrite are read to the letter', async t => {
  const { ask } = rig(t)
  assert.equal(await ask('COPY', '/file', '/a', { Depth: '0' }), 204)
  assert.equal(await ask('COPY', '/file', '/a', { Depth: '1' }), 400)
  assert.equal(await ask('MOVE', '/file', '/a', { Depth: '0' }), 400)
  assert.equal(await ask('MOVE', '/file', '/a', { Depth: 'Infinity' }), 400)
  for (const Overwrite of ['X', 'TRUE', ''])
    assert.equal(await ask('COPY', '/file', '/a', { Overwrite }), 400)
  assert.equal(await ask('COPY', '/file', '/a', { Overwrite: 'f' }), 412)
  assert.equal(await ask('COPY', '/file', '/a', { Overwrite: 't' }), 204)
})
