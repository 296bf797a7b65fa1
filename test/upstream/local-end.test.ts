// The near end of a connection, read from the words of a file.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localEnd } from '../../src/upstream/local-end.ts'

test('an address, bare or in brackets, with a port or without', () => {
  assert.deepEqual(localEnd('127.0.0.2'), { localAddress: '127.0.0.2' })
  assert.deepEqual(localEnd('127.0.0.2:99'), { localAddress: '127.0.0.2', localPort: 99 })
  assert.deepEqual(localEnd('::1'), { localAddress: '::1' })
  assert.deepEqual(localEnd('[::1]'), { localAddress: '::1' })
  assert.deepEqual(localEnd('[::1]:99'), { localAddress: '::1', localPort: 99 })
})

test('what is no address is none', () => {
  for (const text of ['', 'name', '1.2.3', '127.0.0.2:', '127.0.0.2:65536', '[::1', 'unix:/a'])
    assert.equal(localEnd(text), null, text)
})
