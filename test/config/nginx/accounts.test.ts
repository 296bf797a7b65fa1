import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingAccount } from '../../../src/config/nginx/accounts.ts'

test('a user or a group that is not there is named', () => {
  assert.equal(missingAccount({ name: 'root', group: null }), null)
  assert.equal(missingAccount({ name: 'root', group: 'root' }), null)
  assert.match(missingAccount({ name: 'nobody-here', group: null })!, /no user "nobody-here"/)
  assert.match(
    missingAccount({ name: 'root', group: 'nobody-here' })!,
    /no group "nobody-here" on this machine$/,
  )
  assert.match(missingAccount({ name: '--help', group: null })!, /no user "--help"/)
})
