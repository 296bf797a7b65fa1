// What becomes of a tree by requests that write, and what they are answered. The answers are held against nginx's in
// test/nginx/configurations/dav.conf.

import assert from 'node:assert/strict'
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { isStored, store } from '../../src/files/storing.ts'
import type { Outcome } from '../../src/outcome.ts'
import type { Visit } from '../../src/visit.ts'
import { temporaryFolder } from '../support/owner.ts'
import { type Asked, factsOf, siteOf, visitOf } from '../support/visit.ts'

const EVERYTHING = 'dav_methods PUT DELETE MKCOL COPY MOVE;'

function rig(t: TestContext, lines = EVERYTHING) {
  const folder = temporaryFolder(t)
  const said: string[] = []
  const facts = factsOf(siteOf(t, `server { root ${folder}; location / { ${lines} } }`), said)
  const visit = (method: string, target: string, fields: Asked['fields'] = {}): Visit =>
    visitOf(facts, { method, target, fields })
  const ask = (method: string, target: string, fields: Asked['fields'] = {}, body = ''): Promise<Outcome> => {
    const length: Record<string, string> = method === 'PUT' ? { 'Content-Length': String(body.length) } : {}
    return store(visit(method, target, { ...length, ...fields }), async () => one(body))
  }
  const status = async (...asked: Parameters<typeof ask>): Promise<number> => {
    const outcome = await ask(...asked)
    assert.ok('status' in outcome, outcome.kind)
    return outcome.status
  }
  return {
    folder,
    said,
    visit,
    ask,
    status,
    tree: () => (readdirSync(folder, { recursive: true }) as string[]).sort(),
  }
}

async function* one(text: string): AsyncGenerator<Buffer> {
  if (text !== '') yield Buffer.from(text)
}

test('only methods that the file names write, and nothing that was made for another request does', t => {
  const { visit } = rig(t, 'dav_methods PUT;')
  assert.equal(isStored(visit('PUT', '/a')), true)
  for (const method of ['DELETE', 'GET', 'POST']) assert.equal(isStored(visit(method, '/a')), false, method)
  const made = Object.assign(visit('PUT', '/a'), { parent: visit('GET', '/') })
  assert.equal(isStored(made), false)
})

test('a file that is put is there, and where it is new its address is told', async t => {
  const { folder, ask } = rig(t)
  assert.deepEqual(await ask('PUT', '/a%20b', {}, 'one'), {
    kind: 'redirect',
    status: 201,
    location: '/a%20b',
  })
  assert.deepEqual(await ask('PUT', '/a%20b', { Date: 'Thu, 01 Jan 2026 00:00:00 GMT' }, 'two'), {
    kind: 'status',
    status: 204,
  })
  assert.equal(readFileSync(join(folder, 'a b'), 'utf8'), 'two')
  const { mode, mtimeMs } = lstatSync(join(folder, 'a b'))
  assert.deepEqual([mode & 0o777, mtimeMs], [0o600, Date.UTC(2026, 0, 1)])
})

test('what cannot be had of a body is what the request comes to', async t => {
  const { visit, tree } = rig(t)
  const outcome = await store(visit('PUT', '/a', { 'Content-Length': '9' }), async () => ({
    kind: 'status',
    status: 413,
  }))
  assert.deepEqual([outcome, tree()], [{ kind: 'status', status: 413 }, []])
})

test('folders on the way are made where the file says so', async t => {
  const without = rig(t)
  assert.equal(await without.status('PUT', '/a/b/c', {}, 'x'), 500)
  assert.deepEqual(without.tree(), [])
  const made = rig(t, `${EVERYTHING} create_full_put_path on; dav_access user:rw group:r;`)
  assert.equal(await made.status('PUT', '/a/b/c', {}, 'x'), 201)
  assert.deepEqual(made.tree(), ['a', 'a/b', 'a/b/c'])
  assert.equal(lstatSync(join(made.folder, 'a')).mode & 0o777, 0o750)
})

test('nothing is written through links where they are not to be followed', async t => {
  const { folder, status } = rig(
    t,
    `${EVERYTHING} create_full_put_path on; disable_symlinks on from=$document_root;`,
  )
  const outside = temporaryFolder(t)
  writeFileSync(join(outside, 'theirs'), 'theirs')
  symlinkSync(outside, join(folder, 'out'))
  writeFileSync(join(folder, 'own'), 'own')
  assert.equal(await status('PUT', '/out/new', {}, 'x'), 403)
  assert.equal(await status('PUT', '/out/theirs', {}, 'x'), 403)
  assert.equal(await status('MKCOL', '/out/new/'), 403)
  assert.equal(await status('DELETE', '/out/theirs'), 403)
  assert.equal(await status('COPY', '/out/theirs', { Destination: '/copy' }), 403)
  assert.equal(await status('COPY', '/own', { Destination: '/out/copy' }), 403)
  assert.equal(await status('MOVE', '/own', { Destination: '/out/moved' }), 403)
  assert.equal(await status('COPY', '/out/', { Destination: '/copy/' }), 403)
  assert.deepEqual(readdirSync(outside), ['theirs'])
  assert.deepEqual(readdirSync(folder).sort(), ['out', 'own'])
})

test('no path leads out of the root', async t => {
  const { status, visit } = rig(t)
  const climbing = Object.assign(visit('PUT', '/a', { 'Content-Length': '1' }), {
    uri: '/../a',
  })
  const outcome = await store(climbing, async () => one('x'))
  assert.ok('status' in outcome && outcome.status === 404, JSON.stringify(outcome))
  assert.equal(await status('MOVE', '/a', { Destination: '/x/../../a' }), 400)
  assert.equal(await status('MOVE', '/a', { Destination: '/%2e%2e/a' }), 400)
})

test('what a link is named for is not removed by way of it', async t => {
  const { folder, status, tree } = rig(t)
  mkdirSync(join(folder, 'real'))
  writeFileSync(join(folder, 'real/kept'), '')
  symlinkSync('real', join(folder, 'link'))
  assert.equal(await status('DELETE', '/link/'), 409)
  assert.deepEqual(readdirSync(folder).sort(), ['link', 'real'])
  assert.equal(await status('DELETE', '/link'), 204)
  assert.deepEqual(tree(), ['real', 'real/kept'])
})

test('a failure is told with its path, and not with how it was reached', async t => {
  const { folder, said, status } = rig(t)
  assert.equal(await status('DELETE', '/none'), 404)
  assert.deepEqual(said, [`error: lstat() "${folder}/none" failed (2: No such file or directory)`])
})

test('only what lies deep enough is removed', async t => {
  const { folder, status } = rig(t, `${EVERYTHING} min_delete_depth 2;`)
  mkdirSync(join(folder, 'a'))
  writeFileSync(join(folder, 'a/b'), '')
  for (const target of ['/', '/a', '/a/']) assert.equal(await status('DELETE', target), 409, target)
  assert.equal(await status('DELETE', '/a/b'), 204)
})
