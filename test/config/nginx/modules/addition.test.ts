import assert from 'node:assert/strict'
import { test } from 'node:test'
import { siteOf } from '../reading.ts'

test('what is put before and after a body is inherited, and an empty text ends that', t => {
  const { settings, locations } = siteOf(
    t,
    `server {
      add_before_body /head; add_after_body /foot?x; addition_types text/plain;
      location /none { add_before_body ""; addition_types *; }
    }`,
  ).servers[0]!
  assert.deepEqual([settings.addBefore, settings.addAfter], ['/head', '/foot?x'])
  assert.deepEqual([...settings.additionTypes!], ['text/html', 'text/plain'])
  const none = locations[0]!.settings
  assert.deepEqual([none.addBefore, none.addAfter, none.additionTypes], ['', '/foot?x', null])
})
