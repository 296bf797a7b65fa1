import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problems, siteOf } from '../reading.ts'

test('substitutions are kept in order, with how often and in what they are done', t => {
  const { settings } = siteOf(
    t,
    `server {
      sub_filter foo bar; sub_filter "$host" ''; sub_filter_once off; sub_filter_types text/css;
      sub_filter_last_modified on;
    }`,
  ).servers[0]!
  const pairs = settings.substitutions.map(({ search, replacement }) => [search.text, replacement.text])
  assert.deepEqual(pairs, [
    ['foo', 'bar'],
    ['$host', ''],
  ])
  assert.equal(settings.substituteOnce, false)
  assert.equal(settings.substituteKeepsDate, true)
  assert.deepEqual([...settings.substituteTypes!], ['text/html', 'text/css'])
})

test('an empty text cannot be looked for', t => {
  assert.deepEqual(problems(t, 'server { sub_filter "" x; }'), ['empty search pattern'])
})
