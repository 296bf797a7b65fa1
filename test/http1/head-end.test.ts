import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  findHeadEnd,
  findResponseHeadEnd,
  headTooLarge,
  refuseLongLines,
  skipEmptyLine,
} from '../../src/http1/head-end.ts'
import { bytes, refused } from './messages.ts'

const HEAD = 'GET / HTTP/1.1\r\nHost: a\r\nX: \xff\ty\r\n\r\n'

test('the end is found wherever the head is cut', () => {
  const whole = bytes(HEAD)
  for (let cut = 0; cut < whole.length; cut++) {
    assert.equal(findHeadEnd(whole.subarray(0, cut), 0, 0), -1, `the first ${cut} bytes`)
    assert.equal(findHeadEnd(whole, 0, cut), whole.length, `cut after ${cut} bytes`)
  }
})

test('the end is found byte by byte, from an offset, and with a body behind it', () => {
  const all = bytes('x\r\n\r\n' + HEAD + 'body\0\n\r')
  const start = 5
  const end = start + HEAD.length
  for (let have = start; have < end; have++) {
    assert.equal(findHeadEnd(all.subarray(0, have), start, Math.max(start, have - 1)), -1)
  }
  assert.equal(findHeadEnd(all, start, end - 1), end)
  assert.equal(findHeadEnd(all, start, start), end)
})

test('the end of what came before is not taken for the end of this head', () => {
  const all = bytes('\r\n\r\nGET / HTT')
  assert.equal(findHeadEnd(all, 4, 4), -1)
  assert.equal(findHeadEnd(bytes('A / HTTP/1.0\r\n\r\nB'), 16, 16), -1)
})

const hopeless: [string, string, RegExp][] = [
  ['a bare LF', 'GET / HTTP/1.1\nHost', /bare LF/],
  ['LF LF', 'GET / HTTP/1.1\n\n', /bare LF/],
  ['a bare CR', 'GET / HTTP/1.1\rHost', /bare CR/],
  ['CR CR LF', 'GET / HTTP/1.1\r\r\n', /bare CR/],
  ['a NUL', 'GET / HTTP/1.1\r\nA: \0', /control character/],
  ['DEL', 'GET / HTTP/1.1\r\nA: \x7f', /control character/],
  ['a TLS hello', '\x16\x03\x01\x02\x00', /TLS/],
  ['a second empty line', '\r\nGET /', /begins with/],
  ['a space', ' GET /', /begins with/],
  ['a colon', ': GET', /begins with/],
]
for (const [name, text, detail] of hopeless) {
  test(`${name} in an incomplete head is refused at once, however it is cut`, () => {
    const whole = bytes(text)
    refused(() => findHeadEnd(whole, 0, 0), 'bad_request', detail)
    let scanned = 0
    refused(
      () => {
        for (let have = 1; have <= whole.length; have++) {
          assert.equal(findHeadEnd(whole.subarray(0, have), 0, scanned), -1)
          scanned = have
        }
      },
      'bad_request',
      detail,
    )
  })
}

test('a CR at the end of what came may still become a line end', () => {
  assert.equal(findHeadEnd(bytes('GET / HTTP/1.1\r'), 0, 0), -1)
})

test('an answer that does not begin with HTTP/1. is refused at its first wrong byte', () => {
  const banner = bytes('SSH-2.0-OpenSSH_9.2\r\n')
  refused(() => findResponseHeadEnd(banner.subarray(0, 1), 0, 0), 'bad_request', /begins with "S"/)
  refused(() => findResponseHeadEnd(bytes('HTTP/2.0 200 OK\r\n\r\n'), 0, 0), 'bad_request')
  refused(() => findResponseHeadEnd(bytes('HTTP/1x'), 0, 6), 'bad_request')
  for (let have = 0; have < 20; have++) {
    const part = bytes('HTTP/1.1 200 OK\r\nA: b\r\n').subarray(0, have)
    assert.equal(findResponseHeadEnd(part, 0, Math.max(0, have - 1)), -1)
  }
  assert.equal(findResponseHeadEnd(bytes('..HTTP/1.1 200\r\n\r\nbody'), 2, 2), 18)
  refused(() => findResponseHeadEnd(bytes('HTTP/1.1 200 OK\nA: b\n\n'), 0, 0), 'bad_request', /bare LF/)
})

test('one empty line before a request is skipped, and only one', () => {
  assert.equal(skipEmptyLine(bytes('\r\nGET'), 0), 2)
  assert.equal(skipEmptyLine(bytes('GET'), 0), 0)
  assert.equal(skipEmptyLine(bytes('xx\r\n\r\nGET'), 2), 4)
  assert.equal(skipEmptyLine(bytes('\r'), 0), 0)
  assert.equal(skipEmptyLine(bytes('\nGET'), 0), 0)
  assert.equal(skipEmptyLine(bytes(''), 0), 0)
})

test('a head past the limit is the target’s fault only while the target has not ended', () => {
  assert.equal(headTooLarge(bytes('GET /' + 'a'.repeat(50)), 0).kind, 'target_too_long')
  assert.equal(headTooLarge(bytes('A'.repeat(50)), 0).kind, 'target_too_long')
  assert.equal(headTooLarge(bytes('GET /a HTT'), 0).kind, 'head_too_large')
  assert.equal(headTooLarge(bytes('GET /a HTTP/1.1\r\nA: b c d'), 0).kind, 'head_too_large')
  assert.equal(headTooLarge(bytes('x y z GET /' + 'a'.repeat(50)), 6).kind, 'target_too_long')
})

test('lines that are too long are refused by what they are', () => {
  const head = (target: number, field: number) =>
    bytes(`GET /${'t'.repeat(target)} HTTP/1.1\r\nX: ${'f'.repeat(field)}\r\nY: z\r\n\r\n`)
  const [line, field] = [17 + 'GET / HTTP/1.1\r\n'.length, 25 + 'X: \r\n'.length]
  const whole = head(17, 25)
  assert.doesNotThrow(() => refuseLongLines(whole, whole.length, Math.max(line, field)))
  refused(() => refuseLongLines(whole, whole.length, line - 1), 'target_too_long')
  const wide = head(1, 25)
  refused(() => refuseLongLines(wide, wide.length, field - 1), 'head_too_large')
})
