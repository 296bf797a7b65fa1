import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { serveFiles } from '../../src/files/files.ts'
import { temporaryFolder } from '../support/owner.ts'
import { without } from '../support/servers.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'
import { pairOf, same } from './rig.ts'

const skip = without('nginx')
const LONG_AGO = 'Sun, 06 Nov 1994 08:49:37 GMT'
const FAR_AWAY = 'Fri, 01 Jan 2038 08:49:37 GMT'

test('conditions on time and entity tags are tested as nginx tests them', { skip }, async t => {
  const pair = await pairOf(
    t,
    `location / { }
     location /before/ { if_modified_since before; alias FOLDER/html/; }
     location /off/ { if_modified_since off; alias FOLDER/html/; }
     location /no-etag/ { etag off; alias FOLDER/html/; }
     location /gif { empty_gif; }
     location /list/ { autoindex on; alias FOLDER/html/; }
     location /always/ { gzip_static always; alias FOLDER/html/; }`,
  )
  writeFileSync(`${pair.html}/a.html`, 'some bytes')
  writeFileSync(`${pair.html}/a.html.gz`, 'fewer')
  const { fields } = await same(pair, '/a.html')
  const etag = fields.etag!
  const changed = fields['last-modified']!
  const times = [changed, LONG_AGO, FAR_AWAY, 'no time']
  const tags = [
    etag,
    `W/${etag}`,
    '*',
    '"x"',
    `"x", ${etag}`,
    `"x" , W/${etag} , "z"`,
    `${etag}x`,
    `"x",${etag}`,
    '',
  ]
  const conditions: Record<string, string>[] = [
    ...times.flatMap(time => [{ 'If-Modified-Since': time }, { 'If-Unmodified-Since': time }]),
    ...tags.flatMap(tag => [{ 'If-Match': tag }, { 'If-None-Match': tag }]),
    ...tags.flatMap(tag => times.map(time => ({ 'If-None-Match': tag, 'If-Modified-Since': time }))),
    { 'If-None-Match': etag, Range: 'bytes=100-' },
    { 'If-Match': '"x"', Range: 'bytes=0-1' },
    { 'If-Match': etag, 'If-None-Match': etag },
    { 'If-Unmodified-Since': changed, 'If-Modified-Since': changed },
  ]
  for (const each of conditions) {
    for (const place of ['/a.html', '/before/a.html', '/off/a.html', '/no-etag/a.html', '/always/a.html'])
      await same(pair, place, { fields: each })
    await same(pair, '/a.html', { method: 'HEAD', fields: each })
  }
  // Answers that have no time or no tag are tested as well.
  for (const each of conditions)
    for (const place of ['/gif', '/list/']) await same(pair, place, { fields: each })
})

test('the page of an error is sent whatever the client has', async t => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'a.html'), 'not found')
  const facts = factsOf(siteOf(t, `events {} http { server { root ${folder}; } }`))
  const statuses = [404, 200, null].map(async fixedStatus => {
    const visit = visitOf(facts, { target: '/a.html', fields: { 'If-None-Match': '*' } })
    visit.fixedStatus = fixedStatus
    const outcome = await serveFiles(visit)
    assert.ok(outcome.kind === 'answer')
    const { head, body } = outcome.answer
    if (body !== null && !Buffer.isBuffer(body)) await body[Symbol.asyncIterator]().return?.()
    return [head.status, head.headers.has('last-modified')]
  })
  assert.deepEqual(await Promise.all(statuses), [
    [200, false],
    [304, true],
    [304, true],
  ])
})
