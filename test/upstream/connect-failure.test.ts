import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectTrouble } from '../../src/upstream/connect-failure.ts'

for (const [code, trouble] of [
  ['ECONNREFUSED', 'down'],
  ['ENOENT', 'down'],
  ['ECONNRESET', 'down'],
  ['EHOSTUNREACH', 'down'],
  ['ENETUNREACH', 'down'],
  ['EACCES', 'down'],
  ['', 'down'],
  ['EAGAIN', 'full'],
  ['EADDRNOTAVAIL', 'full'],
  ['EMFILE', 'full'],
  ['ENFILE', 'full'],
  ['ENOBUFS', 'full'],
  ['ENOMEM', 'full'],
  ['ETIMEDOUT', 'silent'],
] as const) {
  test(`${code === '' ? 'an error without a code' : code} means ${trouble}`, () => {
    assert.equal(connectTrouble(code), trouble)
  })
}
