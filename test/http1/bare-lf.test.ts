import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findBareHeadEnd, skipBareLine, withCrlf } from '../../src/http1/bare-lf.ts'
import { bytes, refused } from './messages.ts'

test('an empty line of either kind ends a head, cut anywhere', () => {
  for (const end of ['\n\n', '\n\r\n', '\r\n\n', '\r\n\r\n']) {
    const head = `GET / HTTP/1.1\nA: b${end}`
    const whole = bytes(`${head}\n\n`)
    for (let cut = 1; cut < head.length; cut++) {
      assert.equal(findBareHeadEnd(whole.subarray(0, cut), 0, 0), -1, `${cut} bytes`)
      assert.equal(findBareHeadEnd(whole, 0, cut), head.length, `cut after ${cut} bytes`)
    }
  }
})

test('what can never become a head is refused before it is whole', () => {
  refused(() => findBareHeadEnd(bytes('GET / HTTP/1.1\rA'), 0, 0), 'bad_request', /bare CR/)
  refused(() => findBareHeadEnd(bytes('GET / HTTP/1.1\n\x01'), 0, 0), 'bad_request', /control character/)
  refused(() => findBareHeadEnd(bytes('\x16\x03\x01'), 0, 0), 'bad_request', /TLS/)
})

test('one empty line is skipped, and no more', () => {
  const skipped = ['\nG', '\r\nG', '\n\nG', 'G', '\rG'].map(text => skipBareLine(bytes(text), 0))
  assert.deepEqual(skipped, [1, 2, 1, 0, 0])
})

test('every line gets CRLF, what has it stays, and what is around the head is left out', () => {
  const text = 'xxA\nB\r\nC\r\r\n\nyy\n'
  assert.equal(String(withCrlf(bytes(text), 2, text.length - 3)), 'A\r\nB\r\nC\r\r\n\r\n')
  const strict = bytes('A\r\n\r\nB\n')
  assert.equal(String(withCrlf(strict, 0, 5)), 'A\r\n\r\n')
  assert.equal(String(withCrlf(bytes('\r\nA\n'), 1, 4)), '\r\nA\r\n')
})
