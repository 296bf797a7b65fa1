import assert from 'node:assert/strict'
import { test } from 'node:test'
import { documentRoot, filenameOf, mapUri } from '../../src/script/file-names.ts'
import { temporaryFolder } from '../support/owner.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

test('root is put before the URI, alias in the place of its location', t => {
  const folder = temporaryFolder(t)
  const config = `events {} http { root /data/; server {
    location / { }
    location /slash/ { root /; }
    location /relative/ { root some/where; }
    location /alias/ { alias /other/place/; location /alias/in/ { } }
    location /bare { alias /other/place; }
    location = /exact { alias /other/file; }
    location ~ ^/regex { alias /other/whole; }
  } }`
  const facts = factsOf(siteOf(t, config, folder))
  const expected = {
    '/a/b': '/data/a/b',
    '/slash/a': '/slash/a',
    '/relative/a': `${folder}/some/where/relative/a`,
    '/alias/a': '/other/place/a',
    '/alias/in/a': '/other/place/in/a',
    '/bare/a': '/other/place/a',
    '/bareword': '/other/placeword',
    '/exact': '/other/file',
    '/regex/a': '/other/whole',
  }
  for (const [target, path] of Object.entries(expected))
    assert.equal(filenameOf(visitOf(facts, { target })), path)
  assert.equal(documentRoot(visitOf(facts, { target: '/relative/a' })), `${folder}/some/where`)
  assert.equal(documentRoot(visitOf(facts, { target: '/slash/a' })), '')
  const below = visitOf(facts, { target: '/regex/a' })
  below.uri = '/found'
  below.belowAlias = '/found'
  assert.deepEqual(mapUri(below), { path: '/other/whole/found', root: '/other/whole'.length })
})

test('without a root it is html below the prefix, whatever bytes that has', t => {
  const folder = temporaryFolder(t)
  const facts = factsOf({ ...siteOf(t, 'events {} http { server { } }', folder), prefix: '/sité' })
  assert.equal(documentRoot(visitOf(facts)), '/sit\xc3\xa9/html')
})
