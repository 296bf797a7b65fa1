import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ESCAPES } from '../../src/observe/log-escape.ts'

const NASTY = 'a"b\\c\nd\te\x01f\x7fg\xe9'

test('by default everything odd becomes hexadecimal, and nothing at all a hyphen', () => {
  assert.equal(ESCAPES.default(NASTY), 'a\\x22b\\x5Cc\\x0Ad\\x09e\\x01f\\x7Fg\\xE9')
  assert.equal(ESCAPES.default('plain'), 'plain')
  assert.equal(ESCAPES.default(''), '')
  assert.equal(ESCAPES.default(null), '-')
})

test('for JSON it can stand between quotes', () => {
  assert.equal(ESCAPES.json(NASTY), 'a\\"b\\\\c\\nd\\te\\u0001f\x7fg\xe9')
  assert.equal(ESCAPES.json('\r\b\f\x1f'), '\\r\\b\\f\\u001F')
  assert.equal(JSON.parse(`"${ESCAPES.json(NASTY)}"`), NASTY)
  assert.equal(ESCAPES.json(null), '')
})

test('or it stays as it is', () => {
  assert.equal(ESCAPES.none(NASTY), NASTY)
  assert.equal(ESCAPES.none(null), '')
})
