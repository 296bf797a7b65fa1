// docs/configuration.md is what the table of options says now.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { configurationPage } from '../../src/config/documentation.ts'
import { environmentName } from '../../src/config/option.ts'
import { OPTIONS } from '../../src/config/options.ts'

test('docs/configuration.md is up to date', () => {
  const written = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  assert.equal(written, configurationPage(), 'the page is stale: run `npm run docs` and commit it')
})

test('the page tells of every option, with its variable', () => {
  const page = configurationPage()
  for (const option of OPTIONS) {
    assert.ok(page.includes(`### \`--${option.name}\``), `--${option.name} has no section`)
    assert.ok(page.includes(`| \`${environmentName(option)}\` |`), `${environmentName(option)} is missing`)
  }
})

test('every row of every table has as many cells as its head', () => {
  let cells = 0
  for (const line of configurationPage().split('\n')) {
    const count = line.startsWith('|') ? line.split('|').length : 0
    if (count > 0 && cells > 0) assert.equal(count, cells, `a cell holds a bar: ${line}`)
    cells = count
  }
})
