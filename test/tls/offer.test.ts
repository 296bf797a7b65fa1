// What settings and OpenSSL's own commands come to together.

import assert from 'node:assert/strict'
import { constants } from 'node:crypto'
import { test } from 'node:test'
import type { TlsCommand } from '../../src/config/nginx/tls-words.ts'
import { type Offered, offerOf, optionOf } from '../../src/tls/offer.ts'

const NOTHING: Offered = { protocols: [], ciphers: null, curves: null, commands: [] }
const command = (name: TlsCommand['name'], value: string): TlsCommand => ({ name, value })

test('nothing said is the runtime’s own', () => {
  assert.deepEqual(offerOf(NOTHING), { secureOptions: 0 })
})

test('a gap between versions is one', () => {
  const { minVersion, maxVersion, secureOptions } = offerOf({ ...NOTHING, protocols: ['TLSv1.3', 'TLSv1.1'] })
  assert.deepEqual([minVersion, maxVersion], ['TLSv1.1', 'TLSv1.3'])
  assert.equal(secureOptions, constants.SSL_OP_NO_TLSv1 | constants.SSL_OP_NO_TLSv1_2)
})

test('a list of ciphers leaves TLS 1.3 alone, and old versions need what OpenSSL forbids them', () => {
  assert.match(offerOf({ ...NOTHING, ciphers: 'HIGH' }).ciphers!, /^TLS_AES_256_GCM_SHA384:.*:HIGH$/)
  assert.match(offerOf({ ...NOTHING, protocols: ['TLSv1'] }).ciphers!, /:@SECLEVEL=0$/)
})

test('commands come last', () => {
  const offer = offerOf({
    protocols: ['TLSv1.2'],
    ciphers: 'HIGH',
    curves: 'P-256',
    commands: [
      command('maxprotocol', 'TLSv1.3'),
      command('cipherstring', 'LOW'),
      command('ciphersuites', 'TLS_AES_128_GCM_SHA256'),
      command('groups', 'X25519'),
      command('signaturealgorithms', 'RSA+SHA256'),
      command('options', 'PrioritizeChaCha, -EncryptThenMac'),
    ],
  })
  assert.deepEqual(
    [offer.minVersion, offer.maxVersion, offer.ciphers, offer.ecdhCurve, offer.sigalgs],
    ['TLSv1.2', 'TLSv1.3', 'TLS_AES_128_GCM_SHA256:LOW', 'X25519', 'RSA+SHA256'],
  )
  const { SSL_OP_PRIORITIZE_CHACHA, SSL_OP_NO_ENCRYPT_THEN_MAC } = constants
  assert.ok(offer.secureOptions! & SSL_OP_PRIORITIZE_CHACHA)
  assert.ok(offer.secureOptions! & SSL_OP_NO_ENCRYPT_THEN_MAC)
})

test('of an option the last word counts', () => {
  const commands = [
    command('options', 'SessionTicket'),
    command('options', '-SessionTicket,+ServerPreference'),
  ]
  assert.equal(optionOf(commands, 'sessionticket'), false)
  assert.equal(optionOf(commands, 'serverpreference'), true)
  assert.equal(optionOf(commands, 'ktls'), null)
})
