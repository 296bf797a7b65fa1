import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectFailure, connectTrouble, errorCode } from '../../src/upstream/connect-failure.ts'

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
  ['EBIND', 'near'],
] as const) {
  test(`${code === '' ? 'an error without a code' : code} means ${trouble}`, () => {
    assert.equal(connectTrouble(code), trouble)
  })
}

test('an error of the near end is told from one of the far end, where a near end was said', () => {
  const error = (code: string, syscall: string) => Object.assign(new Error('no'), { code, syscall })
  const end = { localAddress: '192.0.2.1' }
  assert.equal(errorCode(error('EADDRNOTAVAIL', 'bind'), end), 'EBIND')
  assert.equal(errorCode(error('EADDRINUSE', 'connect'), end), 'EBIND')
  assert.equal(errorCode(error('EADDRNOTAVAIL', 'connect'), end), 'EADDRNOTAVAIL')
  assert.equal(errorCode(error('EADDRINUSE', 'connect'), null), 'EADDRINUSE')
  assert.equal(errorCode(new Error('no')), 'no')
})

test('a failed connect has a failure of its own kind', () => {
  const kinds = ['EBIND', 'ETLS', 'ECONNREFUSED'].map(code => connectFailure(code, 'words', 'there'))
  assert.deepEqual(
    kinds.map(({ code, detail }) => [code, detail]),
    [
      ['near_end', 'words'],
      ['upstream_tls', 'words'],
      ['upstream_down', 'ECONNREFUSED there'],
    ],
  )
})
