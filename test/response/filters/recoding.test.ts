import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CharsetMap } from '../../../src/config/nginx/modules/charset.ts'
import { recoding } from '../../../src/response/filters/recoding.ts'
import { cut, filtered } from '../../support/filtered.ts'

const TO_UTF8: CharsetMap = {
  from: 'koi8-r',
  to: 'utf-8',
  pairs: [
    [0xc0, '\xd1\x8e'],
    [0xc1, '\xd0\xb0'],
    [0x95, '\xe2\x88\x99'],
  ],
}
const TO_CP: CharsetMap = { from: 'koi8-r', to: 'windows-1251', pairs: [[0xc0, '\xfe']] }

async function recoded(map: CharsetMap, from: string, body: string): Promise<string> {
  const { filter } = recoding(map, from)
  const whole = (await filtered(filter(), [body])).body.toString('latin1')
  for (const size of [1, 2, 3]) {
    const { body: same } = await filtered(filter(), cut(body, size))
    assert.equal(same.toString('latin1'), whole, `in pieces of ${size}`)
  }
  return whole
}

test('a byte becomes a byte, there and back, or a question mark', async () => {
  assert.equal(await recoded(TO_CP, 'KOI8-R', 'a\xc0\xc1'), 'a\xfe?')
  assert.equal(await recoded(TO_CP, 'windows-1251', 'a\xfe\xc0'), 'a\xc0?')
  assert.equal(recoding(TO_CP, 'koi8-r').sameLength, true)
})

test('a byte becomes what it is in UTF-8', async () => {
  const out = await recoded(TO_UTF8, 'koi8-r', 'a\xc0\xc1\x95\xff')
  assert.equal(out, 'a\xd1\x8e\xd0\xb0\xe2\x88\x99?')
  assert.equal(recoding(TO_UTF8, 'koi8-r').sameLength, false)
})

test('a character of UTF-8 becomes a byte, or a reference to it', async () => {
  assert.equal(await recoded(TO_UTF8, 'utf-8', 'a\xd1\x8e\xe2\x88\x99'), 'a\xc0\x95')
  const others = Buffer.from('ж€😀', 'utf8').toString('latin1')
  assert.equal(await recoded(TO_UTF8, 'utf-8', `${others}x`), '&#1078;&#8364;&#128512;x')
})

test('what is no UTF-8 becomes a question mark, and what never ends is left out', async () => {
  assert.equal(await recoded(TO_UTF8, 'utf-8', '\x80a\xffb\xd1cd'), '?a?b?d')
  assert.equal(await recoded(TO_UTF8, 'utf-8', 'a\xe2\x88'), 'a')
})
