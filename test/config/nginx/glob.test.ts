import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isPattern, matchingPaths } from '../../../src/config/nginx/glob.ts'
import { temporaryFolder } from '../../support/owner.ts'

test('what glob(3) matches, in the order of bytes', t => {
  const folder = temporaryFolder(t)
  for (const name of [
    'B',
    'a',
    'a-b',
    'a]',
    'a.b',
    'a^',
    '1',
    '.a',
    'x{',
    'é',
    'a*',
    'sub/one',
    'sub/two',
    'tub/one',
  ]) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), '')
  }
  const found = (pattern: string) =>
    matchingPaths(join(folder, pattern))
      .map(path => path.slice(folder.length + 1))
      .join(' ')
  for (const [pattern, expected] of [
    ['?', '1 B a é'],
    ['[a-z]', 'a'],
    ['[!a-z]', '1 B é'],
    ['[^a-z1]', 'B é'],
    ['[[:upper:][:digit:]]', '1 B'],
    ['a[]^]', 'a] a^'],
    ['a[-.]b', 'a-b a.b'],
    ['a.?', 'a.b'],
    ['a\\*', 'a*'],
    ['?{', 'x{'],
    ['.*', '.a'],
    ['*/one', 'sub/one tub/one'],
    ['s*/t*', 'sub/two'],
    ['none*', ''],
    ['a/*', ''],
    ['*/none', ''],
  ] as const)
    assert.equal(found(pattern), expected, pattern)
})

test('only some marks make a pattern', () => {
  assert.deepEqual(['a*', 'a?', '[a]', 'a{b,c}', 'a(b)', '!a'].map(isPattern), [
    true,
    true,
    true,
    false,
    false,
    false,
  ])
})
