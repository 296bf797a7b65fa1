// The pages of help: one that fits a screen, one that leaves nothing out, one for each option.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { helpPage } from '../../src/cli/help.ts'
import { OPTIONS } from '../../src/config/options.ts'

const widest = (page: string) => Math.max(...page.split('\n').map(line => line.length))

test('the short page fits a screen of 24 lines and 100 columns', () => {
  const page = helpPage('', '1.2.3')
  assert.match(page, /^shieldproxy 1\.2\.3: /)
  assert.ok(page.split('\n').length - 1 <= 24, `${page.split('\n').length - 1} lines`)
  assert.ok(widest(page) <= 100, `${widest(page)} columns`)
})

test('the page of all options has every one of them, within 100 columns', () => {
  const page = helpPage('all', '1.2.3')
  for (const option of OPTIONS)
    assert.match(page, new RegExp(` --${option.name}[ \n].*${option.help.slice(0, 9)}`))
  assert.ok(widest(page) <= 100, `${widest(page)} columns`)
})

for (const option of OPTIONS) {
  test(`--help ${option.name}`, () => {
    const page = helpPage(option.name, '1.2.3')
    assert.match(page, new RegExp(`--${option.name}\\b`))
    assert.match(page, /\n {2}default {6}\S/)
    assert.match(page, /\n {2}environment {2}SHIELDPROXY_/)
    assert.doesNotMatch(page, /`/)
    assert.equal(helpPage(`--${option.name}`, '1.2.3'), page)
  })
}

test('a short flag names its option', () => assert.equal(helpPage('-w', '1'), helpPage('workers', '1')))

test('a topic that does not exist is said so, with the nearest, before the short page', () => {
  const page = helpPage('wrokers', '1')
  assert.match(
    page,
    /^There is no option 'wrokers'\. Did you mean shieldproxy --help workers\?\n\nshieldproxy 1: /,
  )
})
