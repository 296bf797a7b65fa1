import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HEX, TARGET, TOKEN, VALUE } from '../../src/http1/characters.ts'

const members = (table: Uint8Array) =>
  Array.from({ length: 256 }, (_, code) => code)
    .filter(code => table[code] === 1)
    .map(c => String.fromCharCode(c))
    .join('')
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i)).join('')

test('a token has the characters of RFC 9110 §5.6.2 and no others', () => {
  const expected = [...`!#$%&'*+-.^_\`|~${range(0x30, 0x39)}${range(0x41, 0x5a)}${range(0x61, 0x7a)}`]
    .sort()
    .join('')
  assert.equal(members(TOKEN), expected)
})

test('a value has HTAB, SP, visible ASCII and all from 0x80 up', () => {
  assert.equal(members(VALUE), '\t' + range(0x20, 0x7e) + range(0x80, 0xff))
})

test('a target has all but controls, space, # and DEL', () => {
  assert.equal(members(TARGET), range(0x21, 0x22) + range(0x24, 0x7e) + range(0x80, 0xff))
})

test('hexadecimal digits have their value, all else 255', () => {
  for (let code = 0; code < 256; code++) {
    const text = String.fromCharCode(code)
    assert.equal(HEX[code], /[0-9a-fA-F]/.test(text) ? Number.parseInt(text, 16) : 255, `byte ${code}`)
  }
})
