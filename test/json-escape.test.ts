import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapeJson } from '../src/json-escape.ts'

test('every byte that may not stand in JSON is escaped, and reads as itself', () => {
  for (let code = 0; code < 0x80; code++) {
    const text = String.fromCharCode(code)
    assert.equal(JSON.parse(`"${escapeJson(text)}"`), text, `byte ${code}`)
  }
})

test('the forms are nginx’s, and bytes from 0x80 up stay', () => {
  assert.equal(
    escapeJson('a"\\\n\r\t\b\f\x01\x1f/\x7f\xe4'),
    'a\\"\\\\\\n\\r\\t\\b\\f\\u0001\\u001F/\x7f\xe4',
  )
})
