import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fromNginxPage } from '../../../src/config/nginx/documentation.ts'
import { MODULES } from '../../../src/config/nginx/modules.ts'
import { DIFFERENCES } from '../../nginx/differences.ts'

test('docs/from-nginx.md is up to date', () => {
  const written = readFileSync(new URL('../../../docs/from-nginx.md', import.meta.url), 'utf8')
  assert.equal(written, fromNginxPage(DIFFERENCES), 'the page is stale: run `npm run docs` and commit it')
})

test('the page has every directive, and every way out of one that is refused', () => {
  const page = fromNginxPage([])
  for (const { rows } of MODULES) {
    for (const { name, state, note } of rows) {
      assert.ok(page.includes(`\`${name}\``), `${name} is missing`)
      if (state === 'refused') assert.ok((note ?? '').length > 10, `${name} is refused without a way out`)
    }
  }
})

test('the shield’s own directives are on the page, and no others', () => {
  const own = MODULES.find(({ name }) => name === 'shieldproxy')?.rows.map(({ name }) => name) ?? []
  const named = new Set([...fromNginxPage([]).matchAll(/`(shield_\w+)`/g)].map(([, name]) => name))
  assert.deepEqual([...named].sort(), [...own].sort())
})
