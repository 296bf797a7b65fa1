// A file of each family, so that what makes and compares them stays whole; `npm run fuzz:nginx` looks for more.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { without } from '../../support/servers.ts'
import { Choice } from './choice.ts'
import { FAMILIES, loadFamily } from './family.ts'
import { tryFile } from './trial.ts'

const SEED = 2

test('a file made by chance is answered as by nginx', { skip: without('nginx', 'openssl') }, async t => {
  for (const name of FAMILIES) {
    await t.test(name, async () => {
      const family = await loadFamily(name)
      const { directives, requests } = family.draw(new Choice(SEED))
      assert.deepEqual(family.draw(new Choice(SEED)), { directives, requests }, 'the seed says all')
      const { refused, findings } = await tryFile(family, directives, requests)
      assert.ok(!refused)
      assert.deepEqual(findings, [])
    })
  }
})
