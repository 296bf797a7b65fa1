// Keys behind passwords.

import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { passwordsIn } from '../../src/config/nginx/tls-passwords.ts'
import { unlocked } from '../../src/tls/private-key.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const locked = Buffer.from(
  privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'sesame' }),
)

test('each password is tried in turn', () => {
  const opened = unlocked(locked, passwordsIn(Buffer.from('wrong\r\n\nsesame')))
  assert.ok(createPrivateKey(opened!).equals(privateKey))
  assert.equal(unlocked(locked, passwordsIn(Buffer.from('wrong'))), null)
})

test('what no password opens is as it was', () => {
  const pem = Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  assert.equal(unlocked(pem, []), pem)
})
