import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHttpDate } from '../../src/http1/http-date.ts'

const MOMENT = Date.UTC(1994, 10, 6, 8, 49, 37)

test('the three forms of a date are read', () => {
  assert.equal(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT'), MOMENT)
  assert.equal(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT'), MOMENT)
  assert.equal(parseHttpDate('Sun Nov  6 08:49:37 1994'), MOMENT)
})

test('a year of two digits is one from 1970 on', () => {
  assert.equal(parseHttpDate('Sunday, 06-Nov-69 08:49:37 GMT'), Date.UTC(2069, 10, 6, 8, 49, 37))
  assert.equal(parseHttpDate('Sunday, 06-Nov-70 08:49:37 GMT'), Date.UTC(1970, 10, 6, 8, 49, 37))
})

test('what is no date, or no day that there is, is refused', () => {
  const wrong = ['', '0', '-1', 'Sun, 31 Feb 1994 08:49:37 GMT', 'Sun, 06 Foo 1994 08:49:37 GMT']
  wrong.push('Sun, 06 Nov 1994 24:49:37 GMT', 'Sun, 06 Nov 1994 08:60:37 GMT', '1994-11-06T08:49:37Z')
  wrong.push('Sun, 6 Nov 1994 08:49:37 GMT', 'Sun, 06 nov 1994 08:49:37 GMT', 'Sun, 06 Nov-1994 08:49:37 GMT')
  for (const text of wrong) assert.equal(parseHttpDate(text), null, text)
})
