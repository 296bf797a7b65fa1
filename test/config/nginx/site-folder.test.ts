import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { besideMainFile } from '../../../src/config/nginx/site-folder.ts'
import { temporaryFolder } from '../../support/owner.ts'

test('what a file of a folder of sites names is where nginx.conf is, unless it is beside it', t => {
  const top = temporaryFolder(t)
  for (const name of ['conf.d', 'http.d', 'sites-enabled', 'sites-available', 'own'])
    mkdirSync(join(top, name, 'tls'), { recursive: true })
  mkdirSync(join(top, 'tls'))
  writeFileSync(join(top, 'tls/a.crt'), '')
  writeFileSync(join(top, 'tls/b.crt'), '')
  for (const name of ['conf.d', 'http.d', 'sites-enabled', 'sites-available']) {
    const folder = join(top, name)
    writeFileSync(join(folder, 'tls/b.crt'), '')
    assert.equal(besideMainFile(folder, 'tls/a.crt'), join(top, 'tls/a.crt'))
    assert.equal(besideMainFile(folder, 'tls/b.crt'), join(folder, 'tls/b.crt'))
    assert.equal(besideMainFile(folder, 'tls/c.crt'), join(folder, 'tls/c.crt'))
  }
  assert.equal(besideMainFile(join(top, 'own'), 'tls/a.crt'), join(top, 'own/tls/a.crt'))
})
