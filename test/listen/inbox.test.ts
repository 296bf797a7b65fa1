import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Inbox } from '../../src/listen/inbox.ts'
import { bytes, refused, splits } from '../http1/messages.ts'

const head = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`

function inboxOf(text: string): Inbox {
  const inbox = new Inbox()
  inbox.add(bytes(text))
  return inbox
}

test('one head after another is taken, and what follows stays', () => {
  const inbox = inboxOf(`${head('/a')}${head('/b')}body`)
  assert.equal(inbox.takeHead({ maxHeader: 1000 })?.target, '/a')
  assert.equal(inbox.takeHead({ maxHeader: 1000 })?.target, '/b')
  assert.equal(inbox.length, 4)
  assert.equal(String(inbox.take()), 'body')
  assert.deepEqual([inbox.take(), inbox.length, inbox.takeHead({ maxHeader: 1000 })], [null, 0, null])
})

test('a head is the same wherever it is cut', () => {
  for (const pieces of splits(bytes(`\r\n${head('/a')}`))) {
    const inbox = new Inbox()
    let begun = false
    let target: string | undefined
    for (const piece of pieces) {
      if (piece.length === 0) continue
      inbox.add(piece)
      begun ||= inbox.begins()
      if (begun) target ??= inbox.takeHead({ maxHeader: 1000 })?.target
    }
    assert.deepEqual([target, inbox.length], ['/a', 0])
  }
})

test('nothing, one empty line, and half of one begin no request', () => {
  assert.equal(new Inbox().begins(), false)
  assert.equal(inboxOf('\r').begins(), false)
  const line = inboxOf('\r\n')
  assert.deepEqual([line.begins(), line.length], [false, 0])
  assert.equal(inboxOf('\r\nG').begins(), true)
  assert.equal(inboxOf('\rG').begins(), true, 'to be refused')
})

test('a head of exactly the limit is taken; one byte more is too much, whole or not', () => {
  const { length } = head('/a')
  assert.equal(inboxOf(head('/a')).takeHead({ maxHeader: length })?.target, '/a')
  refused(() => inboxOf(head('/a')).takeHead({ maxHeader: length - 1 }), 'head_too_large')
  assert.equal(inboxOf(head('/a').slice(0, 20)).takeHead({ maxHeader: 20 }), null)
  refused(() => inboxOf(head('/a').slice(0, -1)).takeHead({ maxHeader: 20 }), 'head_too_large')
  refused(() => inboxOf('GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa').takeHead({ maxHeader: 20 }), 'target_too_long')
})

test('what follows a head does not count against its limit', () => {
  const inbox = inboxOf(head('/a') + 'x'.repeat(5000))
  assert.equal(inbox.takeHead({ maxHeader: head('/a').length })?.target, '/a')
})

test('what can never become a head is refused before it is whole', () => {
  refused(() => inboxOf('GET / HTTP/1.1\nHo').takeHead({ maxHeader: 1000 }), 'bad_request')
  refused(() => inboxOf('\x16\x03\x01').takeHead({ maxHeader: 1000 }), 'bad_request', /TLS/)
})

test('a request line is refused as soon as it has come whole, however it came', () => {
  const take = (text: string, bareLf: boolean, line = 1000) => {
    const inbox = new Inbox()
    for (const byte of bytes(text)) {
      inbox.add(Buffer.from([byte]))
      if (inbox.begins(bareLf)) inbox.takeHead({ maxHeader: 1000, maxHeaderLine: line, bareLf })
    }
    return inbox
  }
  for (const [end, bareLf] of [
    ['\r\n', false],
    ['\r\n', true],
    ['\n', true],
  ] as const) {
    assert.equal(take('GET /x', bareLf).length, 6)
    refused(() => take(`GET /x${end}`, bareLf), 'bad_request', /no version/)
    refused(
      () => inboxOf(`GET /x${end}A: b`).takeHead({ maxHeader: 1000, bareLf }),
      'bad_request',
      /no version/,
    )
    refused(() => take(`GET x HTTP/1.1${end}`, bareLf), 'bad_request', /neither a path/)
    refused(() => take(`GET / HTTP/2.0${end}`, bareLf), 'version_not_supported')
    refused(() => take(`GET / HTTP/1.1${end}`, bareLf, 14), 'target_too_long')
    assert.equal(take(`get / HTTP/1.1${end}A: b${end}Host`, bareLf).lines()[0], 'get / HTTP/1.1')
  }
})

test('of the next head the line is looked at again', () => {
  const inbox = inboxOf(head('/a').slice(0, -2))
  assert.equal(inbox.takeHead({ maxHeader: 1000 }), null)
  inbox.add(bytes('\r\nGET /b\r\n'))
  assert.equal(inbox.takeHead({ maxHeader: 1000 })?.target, '/a')
  refused(() => inbox.takeHead({ maxHeader: 1000 }), 'bad_request', /no version/)
})

test('the beginning of a head does not keep the slab alive that it came in', () => {
  const slab = Buffer.alloc(64 * 1024)
  slab.write('GET /a HTT')
  const inbox = new Inbox()
  inbox.add(slab.subarray(0, 10))
  assert.equal(inbox.takeHead({ maxHeader: 1000 }), null)
  slab.fill(0)
  inbox.add(bytes(head('/a').slice(10)))
  assert.equal(inbox.takeHead({ maxHeader: 1000 })?.target, '/a')
})

test('where lines may end with LF alone, a head is the same with either end, wherever it is cut', () => {
  const texts = [
    '\nGET /a HTTP/1.1\nHost: a\nX: 1\n\nrest',
    'GET /a HTTP/1.1\r\nHost: a\nX: 1\r\n\nrest',
    '\r\nGET /a HTTP/1.1\nHost: a\r\nX: 1\n\r\nrest',
    'GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\nrest',
  ]
  for (const text of texts) {
    for (const pieces of splits(bytes(text))) {
      const inbox = new Inbox()
      let begun = false
      let head: ReturnType<Inbox['takeHead']> = null
      for (const piece of pieces) {
        if (piece.length === 0) continue
        inbox.add(piece)
        begun ||= inbox.begins(true)
        if (begun) head ??= inbox.takeHead({ maxHeader: 1000, bareLf: true })
      }
      const { target, headers, bytes: length } = head!
      const size = text.trimStart().length - 'rest'.length
      assert.deepEqual([target, headers.get('host'), headers.get('x'), length], ['/a', 'a', '1', size])
      assert.equal(String(inbox.take()), 'rest')
    }
  }
})

test('a bare CR, a control character and a long line are refused there too', () => {
  const take = (text: string, line = 1000) =>
    inboxOf(text).takeHead({ maxHeader: 1000, maxHeaderLine: line, bareLf: true })
  refused(() => take('GET / HTTP/1.1\rHost: a\n\n'), 'bad_request')
  refused(() => take('GET / HTTP/1.1\nHost: a\rb\n\n'), 'bad_request', /bare CR/)
  refused(() => take('GET / HTTP/1.1\nHost: a\r\r\n\n'), 'bad_request', /bare CR/)
  refused(() => take('GET / HTTP/1.1\nA\rB'), 'bad_request', /bare CR/)
  refused(() => take('GET / HTTP/1.1\nHost: a\n b\n\n'), 'bad_request', /fold/)
  refused(() => take('GET / HTTP/1.1\nHost: a\0\n\n'), 'bad_request', /control character/)
  refused(() => take('\n\n'), 'bad_request')
  refused(() => take('GET / HTTP/1.1\nHost: a\nX: 1234567890123\n\n', 15), 'head_too_large', /a line of/)
  refused(() => take(`GET / HTTP/1.1\nX: ${'1'.repeat(1000)}`), 'head_too_large')
})

test('of what cannot be read the lines are told, as far as they came', () => {
  const told: [text: string, lines: string[]][] = [
    ['GET / HTTP/1.1\nHo', ['GET / HTTP/1.1', 'Ho']],
    ['GET /\r\nA: b\r\n\r\n', ['GET /', 'A: b', '', '']],
    ['a\rb', ['a', 'b']],
    ['a \xe9\r\n', ['a \xe9', '']],
    ['GET /a', ['GET /a']],
    ['x'.repeat(9000), ['x'.repeat(8192)]],
  ]
  for (const [text, lines] of told) assert.deepEqual(inboxOf(text).lines(), lines)
  assert.deepEqual(new Inbox().lines(), [])
})
