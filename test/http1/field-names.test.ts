import assert from 'node:assert/strict'
import { test } from 'node:test'
import { knownName } from '../../src/http1/field-names.ts'

/** What is known of these bytes, somewhere in the middle of others. */
function look(name: string) {
  const bytes = Buffer.from(`: ${name}: `)
  return knownName(bytes, 2, 2 + name.length)
}

test('names that most messages carry are known as they are commonly written, and come with their lower case', () => {
  for (const name of [
    'Content-Type',
    'content-type',
    'ETag',
    'Etag',
    'X-Request-Id',
    'TE',
    'x-forwarded-for',
  ]) {
    const known = look(name)
    assert.deepEqual([known?.name, known?.lower], [name, name.toLowerCase()])
  }
})

test('every other one is not, however near it comes', () => {
  for (const name of [
    'CONTENT-TYPE',
    'X-Nobody',
    '~',
    'constructor',
    '__proto__',
    'Hosts',
    'Hos',
    'Hoqt',
    'hOST',
  ]) {
    assert.equal(look(name), null, name)
  }
})
