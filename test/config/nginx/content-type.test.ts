import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentTypeOf } from '../../../src/config/nginx/content-type.ts'
import type { Settings } from '../../../src/config/nginx/settings.ts'

function typeOf(uri: string, types: Settings['types'], defaultType = 'none'): string {
  return contentTypeOf({ types, defaultType } as Settings, uri)
}

test('without types, nginx’s own three are known', () => {
  assert.equal(typeOf('/a.html', null), 'text/html')
  assert.equal(typeOf('/a.GIF', null), 'image/gif')
  assert.equal(typeOf('/a.jpg', null), 'image/jpeg')
  assert.equal(typeOf('/a.css', null), 'none')
})

test('what stands behind the last dot of the last part counts', () => {
  const types = { txt: 'text/plain', gz: 'application/gzip' }
  const expected = {
    '/a.txt': 'text/plain',
    '/a.txt.gz': 'application/gzip',
    '/a.txt/b': 'none',
    '/.txt': 'none',
    '/a/.txt': 'none',
    '/a': 'none',
    '/a.': 'none',
    'a.txt': 'none',
    '/': 'none',
    '/a.__proto__': 'none',
    '/a.constructor': 'none',
  }
  for (const [uri, type] of Object.entries(expected)) assert.equal(typeOf(uri, types), type, uri)
})
