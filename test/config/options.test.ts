// The table of options holds together: every default can be read, and every row says what it should.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readValue } from '../../src/config/option.ts'
import { findOption, OPTIONS } from '../../src/config/options.ts'

for (const option of OPTIONS) {
  test(`--${option.name} is a row that holds together`, () => {
    assert.match(option.name, /^[a-z]+(-[a-z]+)*$/)
    for (const text of option.default === null ? [] : [option.default].flat()) {
      const read = readValue(option, text)
      assert.ok('value' in read, `its default ${text} is not accepted: ${JSON.stringify(read)}`)
    }
    if (option.default === null)
      assert.ok(option.derived, 'a default that depends on other things must be explained')
    assert.ok(
      option.help.length <= 62,
      `its line of help is ${option.help.length} characters long, and 62 fit`,
    )
    assert.match(option.doc, /\.$/, 'its documentation is made of sentences')
    assert.notEqual(option.precedent, '')
    for (const text of [option.doc, option.precedent, option.derived ?? ''])
      assert.doesNotMatch(text, /[|\n]/, 'it would break a table')
    const names = [...option.doc.matchAll(/`--([a-z-]+)`/g)].map(match => match[1] ?? '')
    for (const name of names)
      assert.ok(name === 'bind' || name === 'timeout' || findOption(name), `it speaks of --${name}`)
  })

  test(`--${option.name} refuses nonsense in words that begin with what it must be`, () => {
    for (const text of ['', '\u0000', '?\n?']) {
      const read = readValue(option, text)
      if ('allowed' in read) assert.match(read.allowed, /^must /)
      else
        assert.ok(
          /^(?:path|text)$/.test(option.kind) && text === '?\n?',
          `${JSON.stringify(text)} was accepted`,
        )
    }
  })
}

test('names and short flags are each used once', () => {
  const names = OPTIONS.flatMap(option => [option.name as string, ...(option.short ? [option.short] : [])])
  assert.equal(new Set(names).size, names.length)
  for (const taken of ['t', 'T', 'q', 's', 'h', 'v', 'help', 'version'])
    assert.ok(!names.includes(taken), `${taken} is a mode`)
})
