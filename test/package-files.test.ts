import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { isBuilt, packageFile, packageManifest } from '../src/package-files.ts'

test('in the repository a file is where it was written', () => {
  assert.equal(isBuilt, false)
  assert.equal(packageFile('planes/entry.ts').href, new URL('../src/planes/entry.ts', import.meta.url).href)
  assert.equal(packageManifest().href, new URL('../package.json', import.meta.url).href)
  for (const path of ['planes/entry.ts', 'cli/demo/worker.ts', 'admin/page/index.html']) {
    assert.ok(existsSync(packageFile(path)), path)
  }
})
