import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeaderList } from '../../src/http1/headers.ts'
import { repeatedField } from '../../src/request/unique-fields.ts'

function found(...names: string[]): string | null {
  const headers = new HeaderList()
  for (const name of names) headers.add(name, 'value')
  return repeatedField(headers)
}

test('fields of which there is one at most are found when there are two', () => {
  for (const name of ['If-Match', 'If-None-Match', 'If-Modified-Since', 'If-Unmodified-Since', 'If-Range']) {
    assert.equal(found('Host', name), null)
    assert.equal(found(name, 'Host', name.toUpperCase()), name.toLowerCase())
  }
  assert.equal(found('Authorization', 'Authorization'), 'authorization')
  assert.equal(found('Expect', 'Content-Range', 'Content-Range', 'Expect'), 'content-range')
})

test('all others may stand as often as they like', () => {
  assert.equal(found('Cookie', 'Cookie', 'Via', 'Via', 'X-Forwarded-For', 'X-Forwarded-For'), null)
})
