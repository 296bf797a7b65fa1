// Times, sizes and counts: what is read, what is refused, and in which words.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  formatDuration,
  formatSize,
  LONGEST,
  type Range,
  readCount,
  readDuration,
  readSize,
} from '../../src/config/units.ts'

const TIME = 'must be a time such as 250ms, 30s, 2m or 1h (a bare number is seconds)'
const SIZE = 'must be a size such as 512, 64k, 1m or 2g (a bare number is bytes)'

const durations: [text: string, expected: number | string, range?: Range][] = [
  ['250ms', 250],
  ['30s', 30_000],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['30', 30_000],
  ['0', 0],
  ['1.5s', 1500],
  ['0.25', 250],
  ['2M', 120_000],
  ['576h', LONGEST],
  ['577h', `${TIME}, at most 24 days`],
  ['', TIME],
  ['-1', TIME],
  ['+1', TIME],
  ['1e3', TIME],
  ['0x10', TIME],
  [' 1s', TIME],
  ['1 s', TIME],
  ['1s1', TIME],
  ['5 minutes', TIME],
  ['1d', TIME],
  ['.5s', TIME],
  ['Infinity', TIME],
  ['٣s', TIME],
  ['0.1ms', TIME],
  ['9'.repeat(400), TIME],
  ['0', `${TIME}, at least 1ms`, { min: 1 }],
  ['3m', `${TIME}, at most 2m`, { max: 120_000 }],
  ['soon', `${TIME}, or off`, { words: ['off'] }],
]
for (const [text, expected, range] of durations) {
  test(`the time ${JSON.stringify(text.slice(0, 20))} ${JSON.stringify(range ?? {})}`, () => {
    assert.deepEqual(
      readDuration(text, range),
      typeof expected === 'number' ? { value: expected } : { allowed: expected },
    )
  })
}

const sizes: [text: string, expected: number | string, range?: Range][] = [
  ['512', 512],
  ['64k', 65_536],
  ['1m', 1_048_576],
  ['2g', 2_147_483_648],
  ['2G', 2_147_483_648],
  ['0', 0],
  ['1kb', SIZE],
  ['1.5m', SIZE],
  ['-1', SIZE],
  ['', SIZE],
  ['k', SIZE],
  ['9999999999999g', SIZE],
  ['1k', `${SIZE}, at least 1m`, { min: 1_048_576 }],
  ['2m', `${SIZE}, at least 1k, at most 1m`, { min: 1024, max: 1_048_576 }],
]
for (const [text, expected, range] of sizes) {
  test(`the size ${JSON.stringify(text)} ${JSON.stringify(range ?? {})}`, () => {
    assert.deepEqual(
      readSize(text, range),
      typeof expected === 'number' ? { value: expected } : { allowed: expected },
    )
  })
}

const counts: [text: string, expected: number | string, range?: Range][] = [
  ['0', 0],
  ['08', 8],
  ['1024', 1024],
  ['1.0', 'must be a whole number of at least 0'],
  ['-1', 'must be a whole number of at least 0'],
  ['', 'must be a whole number of at least 0'],
  ['9'.repeat(17), 'must be a whole number of at least 0'],
  ['0', 'must be a whole number from 1 to 10, or auto', { min: 1, max: 10, words: ['auto'] }],
  ['11', 'must be a whole number from 1 to 10', { min: 1, max: 10 }],
]
for (const [text, expected, range] of counts) {
  test(`the count ${JSON.stringify(text)} ${JSON.stringify(range ?? {})}`, () => {
    assert.deepEqual(
      readCount(text, range),
      typeof expected === 'number' ? { value: expected } : { allowed: expected },
    )
  })
}

test('times and sizes are written in the largest whole unit', () => {
  assert.deepEqual([0, 250, 1000, 90_000, 120_000, 3_600_000].map(formatDuration), [
    '0',
    '250ms',
    '1s',
    '90s',
    '2m',
    '1h',
  ])
  assert.deepEqual([0, 512, 1024, 1536, 1_048_576, 2_147_483_648].map(formatSize), [
    '0',
    '512',
    '1k',
    '1536',
    '1m',
    '2g',
  ])
})
