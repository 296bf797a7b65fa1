import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Prefix, PrefixTree } from '../../src/route/prefix-tree.ts'

function place(path: string, more: Partial<Prefix> = {}): Prefix {
  return { path, exact: false, slash: false, ...more }
}

test('the longest prefix, and the exact text before any', () => {
  const tree = new PrefixTree([
    place('/a/b'),
    place('/'),
    place('/a', { exact: true }),
    place('/a'),
    place('/c', { exact: true }),
  ])
  const found = (text: string) => {
    const { place, ending } = tree.find(text)
    return `${ending} ${place?.path ?? ''}`
  }
  assert.equal(found('/'), 'prefix /')
  assert.equal(found('/a'), 'exact /a')
  assert.equal(found('/ab'), 'prefix /a')
  assert.equal(found('/a/bc'), 'prefix /a/b')
  assert.equal(found('/c'), 'exact /c')
  assert.equal(found('/cd'), 'prefix /')
  assert.equal(found('x'), 'none ')
  assert.equal(found(''), 'none ')
})

test('a missing slash is found among whatever else goes on from there', () => {
  const others = ['/foo!', '/foo-bar', '/foo-baz', '/foo.', '/foo0', '/fooz', '/foo/x', '/foo//']
  for (let n = 0; n <= others.length; n++) {
    const tree = new PrefixTree([
      ...others.slice(0, n).map(path => place(path)),
      place('/foo/', { slash: true }),
    ])
    assert.equal(tree.find('/foo').ending, 'slash', `beside ${n}`)
    assert.equal(tree.find('/foo/').ending, 'prefix')
    assert.equal(tree.find('/fo').ending, 'none')
  }
})

test('of no prefixes none is found', () => {
  assert.equal(new PrefixTree([]).find('/').ending, 'none')
})
