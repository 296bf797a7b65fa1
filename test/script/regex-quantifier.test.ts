import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allOf, quantifierAt, written } from '../../src/script/regex-quantifier.ts'

test('what PCRE writes behind an item is read, and nothing else', () => {
  for (const [text, from, to, manner] of [
    ['*', 0, null, ''],
    ['+?', 1, null, '?'],
    ['?+', 0, 1, '+'],
    ['{3}', 3, 3, ''],
    ['{3,}+', 3, null, '+'],
    ['{0,65535}?', 0, 65_535, '?'],
  ] as const) {
    assert.deepEqual(quantifierAt(`a${text}b`, 1), { from, to, manner, problem: null, end: 1 + text.length })
  }
  for (const text of ['b', '{', '{,3}', '{a}', '{3', '']) assert.equal(quantifierAt(text, 0), null, text)
})

test('bounds that PCRE does not take are told', () => {
  assert.match(quantifierAt('{65536}', 0)?.problem ?? '', /too big/)
  assert.match(quantifierAt('{1,65536}', 0)?.problem ?? '', /too big/)
  assert.match(quantifierAt('{2,1}', 0)?.problem ?? '', /out of order/)
})

test('they mean the same in JavaScript', () => {
  assert.equal(written({ from: 0, to: null }), '*')
  assert.equal(written({ from: 2, to: 5 }), '{2,5}')
  assert.equal(written({ from: 2, to: null }), '{2,}')
  for (const [from, to, subject] of [
    [0, null, 'aaa'],
    [1, 3, 'aaaa'],
    [2, 2, 'aa'],
  ] as const) {
    const all = new RegExp(`^${allOf('[a]', { from, to })}a`)
    assert.equal(
      all.test(subject),
      subject.length > (to ?? subject.length),
      `{${from},${to}} gives nothing back`,
    )
  }
})
