import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countGroups } from '../../../src/config/nginx/pattern-groups.ts'

const PATTERNS: Record<string, number> = {
  '': 0,
  '^(.+\\.php)(/.*)$': 2,
  '^(?<script>.+)(?P<rest>.*)$': 2,
  "(?'a'x)": 1,
  '(?:a)(?=b)(?!c)(?<=d)(?<!e)(?>f)(?i)(g)': 1,
  '\\((a)\\)': 1,
  '[(](a)[^)(](b)': 2,
  '[]()](a)': 1,
  '[^](](a)': 1,
  '[\\](](a)': 1,
  '((a)(b))': 3,
}

for (const [pattern, count] of Object.entries(PATTERNS))
  test(`${pattern}`, () => assert.equal(countGroups(pattern), count))
