import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '../../src/gateway/params.ts'
import { scgiHead } from '../../src/gateway/scgi.ts'

test('a netstring, in which the length of the body comes first', () => {
  assert.equal(
    scgiHead(
      [
        ['SCGI', '1'],
        ['REQUEST_METHOD', 'POST'],
        ['REQUEST_URI', '/deepthought'],
      ],
      27,
    ),
    // The example of the specification.
    '70:CONTENT_LENGTH\x0027\0SCGI\x001\0REQUEST_METHOD\0POST\0REQUEST_URI\0/deepthought\0,',
  )
  assert.equal(scgiHead([], 0), '17:CONTENT_LENGTH\x000\0,')
  assert.equal(scgiHead([['A', '']], 0), '20:CONTENT_LENGTH\x000\0A\0\0,')
})

test('a NUL would end a value, and begin a name of somebody’s choice', () => {
  for (const pair of [
    ['A', 'b\0REMOTE_USER\0root'],
    ['A\0B', 'c'],
  ] as const)
    assert.throws(() => scgiHead([pair], 0), GatewayError)
})

test('there is a limit', () => {
  assert.throws(() => scgiHead([['A', 'x'.repeat(1024 * 1024)]], 0), /scgi request is too big/)
})
