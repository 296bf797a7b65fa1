import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConsistentHash } from '../../../src/upstream/balance/consistent-hash.ts'
import { peer, picks } from './peers.ts'

const KEYS = Array.from({ length: 2_000 }, (_, i) => `key ${i}`)

test('the largest weights that a name server can tell of make no larger ring than others, and keep their proportion', () => {
  const peers = [peer('a:80', { weight: 65_535 }), peer('b:80', { weight: 65_535 * 3 }), peer('c:80')]
  const given = picks(new ConsistentHash(), peers, KEYS).split(' ')
  const share = (server: string) => given.filter(each => each === server).length / KEYS.length
  assert.ok(
    Math.abs(share('a:80') - 0.25) < 0.05 && Math.abs(share('b:80') - 0.75) < 0.05,
    String(share('a:80')),
  )
})

test('one that goes takes only its own keys along', () => {
  const peers = [peer('a:80'), peer('b:80', { weight: 2 }), peer('c:80')]
  const hash = new ConsistentHash()
  const before = picks(hash, peers, KEYS).split(' ')
  peers[1]!.there = false
  const after = picks(hash, peers, KEYS).split(' ')
  assert.ok(before.every((server, i) => server === after[i] || server === 'b:80'))
  assert.ok(before.includes('b:80') && !after.includes('b:80'))
})
