// Names of what clients offer: those that OpenSSL has, and numbers for the rest.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cipherName, curveName, curveNumber } from '../../src/listen/tls-names.ts'

test('every finite field that OpenSSL offers by itself has its name', () => {
  const names = [256, 257, 258, 259, 260].map(curveName)
  assert.deepEqual(names, ['ffdhe2048', 'ffdhe3072', 'ffdhe4096', 'ffdhe6144', 'ffdhe8192'])
  assert.deepEqual(names.map(curveNumber), [256, 257, 258, 259, 260])
})

test('what has no name is its number', () => {
  assert.equal(curveName(0x0a0a), '0x0a0a')
  assert.equal(cipherName(0x00fe), '0x00fe')
  assert.equal(curveNumber('frodo'), null)
})
