import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guardOf } from '../../src/disk/guard.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

test('the trusted part of a path counts where it is a part of it', t => {
  const expected = [
    ['off', '/a/b', null],
    ['on', '/a/b', 0],
    ['on from=/a', '/a/b', 2],
    ['on from=/a/', '/a/b', 2],
    ['on from=/a/b', '/a/b', null],
    ['on from=/a', '/ab/c', 0],
    ['on from=/x', '/a/b', 0],
    ['if_not_owner from=/a/b/c', '/a/b', 0],
  ] as const
  for (const [rule, path, from] of expected) {
    const facts = factsOf(siteOf(t, `events {} http { disable_symlinks ${rule}; server { } }`))
    const guard = guardOf(visitOf(facts), path)
    assert.equal(guard === null ? null : guard.from, from, `${rule} for ${path}`)
  }
})
