import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentTypeOf } from '../../../src/config/nginx/content-type.ts'
import { siteOf } from '../../support/visit.ts'

test('by extension, whatever its case, or the default', t => {
  const { settings } = siteOf(t, 'server { default_type a/default; }').servers[0]!
  assert.equal(contentTypeOf(settings, '/a.html'), 'text/html')
  assert.equal(contentTypeOf(settings, '/a.b.JPG'), 'image/jpeg')
  for (const uri of ['/', '/a', '/.html', '/a/.html', '/a.html/b', '/a.', '/a.constructor'])
    assert.equal(contentTypeOf(settings, uri), 'a/default', uri)
})

test('a types block takes the place of what is built in', t => {
  const { settings } = siteOf(t, 'server { types { text/x y Z; } }').servers[0]!
  assert.equal(contentTypeOf(settings, '/a.y'), 'text/x')
  assert.equal(contentTypeOf(settings, '/a.z'), 'text/x')
  assert.equal(contentTypeOf(settings, '/a.html'), 'text/plain')
})
