import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partsOf } from '../../src/script/text-parts.ts'

test('texts, variables and captures, each where it stands', () => {
  assert.deepEqual(partsOf(''), [])
  assert.deepEqual(partsOf('plain, with { and }'), ['plain, with { and }'])
  assert.deepEqual(partsOf('$Host'), [{ variable: 'host' }])
  assert.deepEqual(partsOf(`a\${b}c$d-$1$12\${e_1}`), [
    'a',
    { variable: 'b' },
    'c',
    { variable: 'd' },
    '-',
    { capture: 1 },
    { capture: 1 },
    '2',
    { variable: 'e_1' },
  ])
  // Neither is a capture for nginx.
  assert.deepEqual(partsOf(`$0\${1}`), [{ variable: '0' }, { variable: '1' }])
})

test('a dollar sign alone is no text', () => {
  for (const text of ['$', 'a$', '$-', `\${}`, `\${`, '$$a']) {
    assert.throws(() => partsOf(text), { message: 'invalid variable name' }, text)
  }
  assert.throws(() => partsOf(`x\${abc-d}`), { message: 'the closing bracket in "abc" variable is missing' })
})
