import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stubStatus } from '../../src/response/stub-status.ts'

test('the page is nginx’s to the letter, trailing spaces included', () => {
  const counts = {
    active: 291,
    accepted: 16_630_948,
    handled: 16_630_947,
    requests: 31_070_465,
    reading: 6,
    writing: 179,
    waiting: 106,
  }
  assert.equal(
    stubStatus(counts),
    'Active connections: 291 \nserver accepts handled requests\n 16630948 16630947 31070465 \nReading: 6 Writing: 179 Waiting: 106 \n',
  )
})
