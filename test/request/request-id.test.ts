import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshRequestId, requestId } from '../../src/request/request-id.ts'

test('fresh ids are 32 hexadecimal digits, and differ, also beyond one draw of random bytes', () => {
  const ids = new Set(Array.from({ length: 1000 }, freshRequestId))
  assert.equal(ids.size, 1000)
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/)
})

test('an id that was received is kept when it is short and harmless', () => {
  for (const id of ['8f2c', 'a.b:c=d@e+f/g-h_i', 'x'.repeat(128)]) assert.equal(requestId(id), id)
})

for (const [what, id] of Object.entries({
  nothing: undefined,
  'an empty one': '',
  'one too long': 'x'.repeat(129),
  'a space': 'a b',
  markup: '<b>',
  'a quote': 'a"b',
  'a line end': 'a\nb',
  'a line end at the end': 'a\n',
  'a high byte': 'caf\xe9',
  'a comma': 'a,b',
})) {
  test(`${what} is replaced by a fresh one`, () => {
    assert.match(requestId(id), /^[0-9a-f]{32}$/)
  })
}
