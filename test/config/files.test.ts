// Files that the settings name: whether they can be used, and in which words not.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { checkLogFile, checkTls } from '../../src/config/files.ts'

const pem = (name: string) => fileURLToPath(new URL(`tls/${name}`, import.meta.url))
const [cert, key, otherKey] = [pem('cert.pem'), pem('key.pem'), pem('other-key.pem')]

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'shieldproxy-files-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

test('a certificate and its key are accepted', () => {
  assert.deepEqual(checkTls(cert, key), { cert: null, key: null })
})

test('a key of another certificate is the key’s problem', () => {
  const wrong = checkTls(cert, otherKey)
  assert.equal(wrong.cert, null)
  assert.match(wrong.key ?? '', /^must hold the private key of .*cert\.pem/)
})

test('a file that is no certificate is the certificate’s problem', () => {
  const wrong = checkTls(fileURLToPath(import.meta.url), key)
  assert.match(wrong.cert ?? '', /^must hold a certificate in PEM form; /)
})

test('missing files are named both at once', t => {
  const wrong = checkTls(join(folder(t), 'none'), tmpdir())
  assert.deepEqual(wrong, {
    cert: 'must be a file that can be read; there is none of that name',
    key: 'must be a file; this is a folder',
  })
})

test('a log file may be new, old, or a device, and no folder', t => {
  const path = folder(t)
  writeFileSync(join(path, 'old'), '')
  assert.equal(checkLogFile(join(path, 'old')), null)
  assert.equal(checkLogFile(join(path, 'new')), null)
  assert.equal(checkLogFile('/dev/null'), null)
  assert.equal(checkLogFile(path), 'must be a file; this is a folder')
  assert.match(
    checkLogFile(join(path, 'none', 'new')) ?? '',
    /^must be a file that can be written; there is none/,
  )
  assert.match(checkLogFile(join(path, 'old', 'new')) ?? '', /a part of its path is not a folder$/)
})
