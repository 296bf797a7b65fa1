import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lowerName } from '../../src/http1/field-names.ts'

test('known, oddly written and unknown names all come back in lower case', () => {
  for (const name of [
    'Content-Type',
    'content-type',
    'CONTENT-TYPE',
    'ETag',
    'Etag',
    'X-Request-ID',
    'X-Nobody',
    '~',
  ]) {
    assert.equal(lowerName(name), name.toLowerCase())
  }
})

test('names that every object has are not taken for known', () => {
  assert.equal(lowerName('constructor'), 'constructor')
  assert.equal(lowerName('__proto__'), '__proto__')
})
