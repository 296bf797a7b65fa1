import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { lastOfEachKind } from '../../src/tls/pairs.ts'

test('of each kind of key the last pair; what cannot be read stays', t => {
  const folder = mkdtempSync(join(tmpdir(), 'pairs-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const made = (name: string, kind: string) => {
    const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
    const subject = ['-nodes', '-subj', `/CN=${name}`, '-keyout', key, '-out', cert]
    execFileSync('openssl', ['req', '-x509', ...kind.split(' '), ...subject], { stdio: 'ignore' })
    return { cert: readFileSync(cert), key: readFileSync(key) }
  }
  const ec = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1'
  const [a, b, c] = [made('a', ec), made('b', '-newkey rsa:2048'), made('c', ec)]
  const bad = { cert: Buffer.from('no certificate'), key: Buffer.from('') }
  assert.deepEqual(lastOfEachKind([a, b, c]), [b, c])
  assert.deepEqual(lastOfEachKind([a, bad, b]), [a, bad, b])
})
