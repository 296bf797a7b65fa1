// What nobody may get out of a folder that is served, whatever they ask for.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { serveFiles } from '../../src/files/files.ts'
import { temporaryFolder } from '../support/owner.ts'
import { type Asked, factsOf, siteOf, visitOf } from '../support/visit.ts'
import { served } from './rig.ts'

function placeOf(t: TestContext, rules: string) {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'html/dir'), { recursive: true })
  writeFileSync(join(folder, 'secret'), 'the secret')
  writeFileSync(join(folder, 'html/a.html'), 'open to all')
  const said: string[] = []
  const config = `events {} http { server { ${rules.replaceAll('FOLDER', folder)} } }`
  const facts = factsOf(siteOf(t, config, folder), said)
  return { folder, said, visit: (asked: Asked) => visitOf(facts, asked) }
}

test('no way of writing ".." leads out of the root', async t => {
  const place = placeOf(
    t,
    `location / { root FOLDER/html; autoindex on; }
     location /open { alias FOLDER/html/dir/; autoindex on; }
     location ~ ^/any/(.*) { alias FOLDER/html/$1; autoindex on; }
     location /above/ { alias FOLDER/html/dir/../; autoindex on; }`,
  )
  const targets = [
    '/../secret',
    '/%2e%2e/secret',
    '/dir/../../secret',
    '/dir/..%2f..%2fsecret',
    '/..',
    '/../',
    '/dir/..',
  ]
  const throughAlias = [
    '/any/../../secret',
    '/any/..',
    '/open../../secret',
    '/open../',
    '/open..',
    '/open/../../secret',
    '/above/../secret',
  ]
  for (const target of [...targets, ...throughAlias]) {
    const { status, body } = await served(place.visit({ target }))
    assert.equal(status, 404, target)
    assert.ok(!body.includes('secret'), target)
  }
  const log = place.said.filter(line => line.endsWith('leads out of its root'))
  assert.equal(log.length, targets.length + throughAlias.length)
  assert.equal((await served(place.visit({ target: '/above/a.html' }))).body, 'open to all')
})

test('try_files finds nothing below a root that its variables lead out of', async t => {
  const place = placeOf(t, 'location / { root FOLDER/html/$arg_in; try_files $uri =403; }')
  assert.equal((await served(place.visit({ target: '/secret?in=..' }))).status, 403)
  assert.equal((await served(place.visit({ target: '/a.html?in=dir/..' }))).status, 403)
  assert.equal((await served(place.visit({ target: '/a.html' }))).body, 'open to all')
})

test('a name with a NUL in it, or one too long, stands for nothing', async t => {
  const place = placeOf(
    t,
    'root FOLDER/html; autoindex on; location /z/ { gzip_static always; random_index on; }',
  )
  const targets = [
    '/a.html%00',
    '/a.html%00.jpg',
    '/%00/',
    '/z/%00/',
    '/z/a.html%00',
    `/${'x/'.repeat(3000)}`,
    `/${'x'.repeat(5000)}`,
  ]
  for (const target of targets) assert.equal((await served(place.visit({ target }))).status, 404, target)
})

test('symbolic links lead where they lead, unless they are disabled', async t => {
  const place = placeOf(t, 'root FOLDER/html; location /safe/ { alias FOLDER/html/; disable_symlinks on; }')
  symlinkSync('../secret', join(place.folder, 'html/out'))
  symlinkSync('out', join(place.folder, 'html/twice'))
  assert.equal((await served(place.visit({ target: '/out' }))).body, 'the secret')
  for (const name of ['out', 'twice'])
    assert.equal((await served(place.visit({ target: `/safe/${name}` }))).status, 403)
})

test('what is no regular file is not waited for, nor read', async t => {
  const place = placeOf(t, 'root FOLDER/html;')
  execFileSync('mkfifo', [join(place.folder, 'html/fifo')])
  symlinkSync('/dev/zero', join(place.folder, 'html/zero'))
  for (const target of ['/fifo', '/zero'])
    assert.equal((await served(place.visit({ target }))).status, 404, target)
})

test('no descriptor is left open, however a request ends', async t => {
  const place = placeOf(t, 'root FOLDER/html; autoindex on; gzip_static on; disable_symlinks if_not_owner;')
  writeFileSync(join(place.folder, 'html/large'), Buffer.alloc(500_000))
  writeFileSync(join(place.folder, 'html/a.html.gz'), 'small')
  symlinkSync('/etc/hostname', join(place.folder, 'html/theirs'))
  const open = () => readdirSync('/proc/self/fd').length
  const fields: Record<string, string>[] = [
    {},
    { 'Accept-Encoding': 'gzip' },
    { Range: 'bytes=1-2,4-' },
    { Range: 'bytes=900000-' },
    { 'If-None-Match': '*' },
    { 'If-Match': '"x"' },
  ]
  const before = open()
  for (const target of ['/', '/a.html', '/large', '/dir', '/dir/', '/nope', '/theirs', '/a.html/b'])
    for (const method of ['GET', 'HEAD', 'POST', 'PUT'])
      for (const each of fields) await served(place.visit({ target, method, fields: each }))
  const left = await serveFiles(place.visit({ target: '/large' }))
  assert.ok(left.kind === 'answer' && left.answer.body !== null && !Buffer.isBuffer(left.answer.body))
  for await (const _ of left.answer.body) break
  // Closing is the work of the system's own threads: looked for again until it is done.
  while (open() > before) await new Promise(setImmediate)
  assert.equal(open(), before)
})
