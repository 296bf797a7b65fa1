import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basicCredentials } from '../../src/http1/basic-credentials.ts'

const basic = (text: string) => `Basic ${Buffer.from(text, 'latin1').toString('base64')}`

test('a name and a password, of which the latter may hold colons and be empty', () => {
  assert.deepEqual(basicCredentials(basic('user:pass')), { user: 'user', password: 'pass' })
  assert.deepEqual(basicCredentials(basic('user:')), { user: 'user', password: '' })
  assert.deepEqual(basicCredentials(basic('a:b:c')), { user: 'a', password: 'b:c' })
  assert.deepEqual(basicCredentials(basic('é:\xff')), { user: 'é', password: '\xff' })
  assert.deepEqual(basicCredentials('bAsIc   dTpw'), { user: 'u', password: 'p' })
})

test('anything else is nobody', () => {
  const fields = [
    undefined,
    '',
    'Basic',
    'Basic ',
    'Bearer abc',
    'Basicdtpw',
    'Basic ===',
    'Basic dT?w',
    'Basic dTpwA',
  ]
  for (const field of [...fields, basic('nocolon'), basic(':pass')])
    assert.equal(basicCredentials(field), null, String(field))
})

test('padding may be missing, and what stands behind it does not count', () => {
  assert.deepEqual(basicCredentials('Basic dXNlcjpw'), { user: 'user', password: 'p' })
  assert.deepEqual(basicCredentials('Basic dTpwcA'), { user: 'u', password: 'pp' })
  assert.deepEqual(basicCredentials('Basic dTpwcA==, more'), { user: 'u', password: 'pp' })
})
