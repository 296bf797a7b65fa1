import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quote, quotedField, shown, shownDeep } from '../../src/observe/quote.ts'

/** Every character that could come from a request, and some that could not. */
const nasty =
  Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code)).join('') + '\u2028\u202e\ud800😀'
const obeyed = /[\x00-\x1f\x7f-\x9f\u2028\u202e]/

test('a quoted string is JSON for the same text, with nothing in it that a terminal obeys', () => {
  for (const text of ['', 'plain', 'a"b', 'back\\slash', 'line\nend', '\x1b[2J', '\x9b2J', 'é', nasty]) {
    const json = quote(text, 5000)
    assert.equal(JSON.parse(json), text)
    assert.doesNotMatch(json, obeyed)
  }
})

test('each single character survives quoting', () => {
  for (const c of nasty) {
    assert.equal(JSON.parse(quote(c, 10)), c, `U+${c.charCodeAt(0).toString(16)}`)
    assert.doesNotMatch(quote(c, 10), obeyed)
  }
})

test('long text is cut and marked', () => {
  assert.equal(quote('x'.repeat(11), 10), `"${'x'.repeat(10)}…"`)
  assert.equal(quote('x'.repeat(10), 10), `"${'x'.repeat(10)}"`)
})

test('text for people shows controls as what they are', () => {
  assert.equal(shown('a\x1b[31mb\r\nc', 100), 'a\\x1b[31mb\\x0d\\x0ac')
  assert.doesNotMatch(shown(nasty, 5000), obeyed)
})

test('a field of the combined format cannot be left from within', () => {
  assert.equal(quotedField('a" 200 "\\é', 100), 'a\\x22 200 \\x22\\x5c\\xe9')
  assert.equal(quotedField('', 100), '-')
  assert.match(quotedField(nasty, 5000), /^[ -~]*$/)
  assert.doesNotMatch(quotedField(nasty, 5000), /"/)
})

test('a parsed line is made harmless all through; only a stack keeps its line ends', () => {
  const line = {
    msg: 'a\nb',
    list: ['\x1b'],
    inner: { 'k\x07': '\x9b' },
    err: { stack: 'Error: x\n  at y\x1b' },
    n: 1,
  }
  assert.deepEqual(shownDeep(line), {
    msg: 'a\\x0ab',
    list: ['\\x1b'],
    inner: { 'k\\x07': '\\x9b' },
    err: { stack: 'Error: x\n  at y\\x1b' },
    n: 1,
  })
})
