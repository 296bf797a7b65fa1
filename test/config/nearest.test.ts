// The name that was probably meant; and none, where a guess would only confuse.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editDistance, nearest } from '../../src/config/nearest.ts'
import { OPTIONS } from '../../src/config/options.ts'

const known = OPTIONS.map(option => option.name)
const cases: [written: string, expected: string | null][] = [
  ['wrokers', 'workers'],
  ['worker', 'workers'],
  ['WORKERS', 'workers'],
  ['que-size', 'queue-size'],
  ['no-request-buffering', 'request-buffering'],
  ['trusted-proxy', 'trusted-proxies'],
  ['upstreams', 'upstream'],
  ['lsiten', 'listen'],
  ['keep-alive-timeout', 'keepalive-timeout'],
  ['zzzz', null],
  ['x', null],
  ['', null],
  ['a'.repeat(100_000), null],
]
for (const [written, expected] of cases) {
  test(`${JSON.stringify(written.slice(0, 30))} is near ${expected}`, () =>
    assert.equal(nearest(written, known), expected))
}

test('a swap of neighbours is one slip', () => {
  assert.equal(editDistance('abcd', 'abdc'), 1)
  assert.equal(editDistance('', 'abc'), 3)
  assert.equal(editDistance('kitten', 'sitting'), 3)
})
