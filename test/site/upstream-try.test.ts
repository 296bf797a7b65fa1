import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupOf } from '../../src/config/nginx/proxy-pass.ts'
import type { UpstreamGroup } from '../../src/house.ts'
import { addTry, namesOfNobody, newTry, Tries } from '../../src/site/upstream-try.ts'
import { siteOf } from '../config/nginx/reading.ts'

test('a try begins with nothing', () => {
  const { address, apart, status, connectMs, headerMs, responseMs } = newTry('192.0.2.1:80', true)
  assert.deepEqual([address, apart, status], ['192.0.2.1:80', true, 0])
  assert.deepEqual([connectMs, headerMs, responseMs], [-1, -1, -1])
})

test('a group without anybody is called by its name, a single server by its address, what was worked out by all of them', t => {
  const { groups } = siteOf(
    t,
    `upstream two { server 192.0.2.1; server 192.0.2.2; } upstream one { server app.test; }
    upstream out { server 192.0.2.1 down; } server { }`,
  )
  const [two, one, out] = groups
  const both = ['192.0.2.1:80', '192.0.2.2:80']
  const first = both.slice(0, 1)
  assert.deepEqual(namesOfNobody({ config: two!, addresses: both }), ['two'])
  assert.deepEqual(namesOfNobody({ config: one!, addresses: first }), first)
  assert.deepEqual(namesOfNobody({ config: one!, addresses: both }), ['one'])
  assert.deepEqual(namesOfNobody({ config: one!, addresses: [] }), ['one'])
  assert.deepEqual(namesOfNobody({ config: out!, addresses: first }), ['out'])
  const address = { kind: 'tcp', host: 'app.test', port: 80 } as const
  const config = groupOf('app.test', false, address, { file: '', line: 0 })
  for (const addresses of [[], first, both]) assert.deepEqual(namesOfNobody({ config, addresses }), addresses)
})

test('an address that refuses again and again is told once, where requests are held', () => {
  const told = (held: boolean, ...steps: string[]) => {
    const tries: ReturnType<typeof newTry>[] = []
    for (const step of steps) {
      const [, apart, address, outcome] = /^(:?)(\w+)(.*)$/.exec(step)!
      const one = newTry(address!, apart === ':')
      addTry(tries, one, held)
      if (outcome === '-') one.status = 502
      else Object.assign(one, { status: 200, connectMs: 1 })
    }
    return tries.map(({ address, apart, status }) => `${apart ? ':' : ''}${address}${status}`).join(' ')
  }
  assert.equal(told(true, 'a-', 'a-', 'a-', 'a'), 'a200')
  assert.equal(told(true, 'a-', 'b-', 'a-', 'b-', 'a'), 'b502 a200')
  assert.equal(told(true, 'a', 'a-', 'a-'), 'a200 a502')
  assert.equal(told(true, 'a-', ':a-', 'b-', 'a-', 'b'), 'a502 :a502 b200')
  assert.equal(told(true, 'a-', ':a-', 'a'), 'a502 :a200')
  assert.equal(told(false, 'a-', 'a-', 'a'), 'a502 a502 a200')
})

test('where the last that could be had refuses, those known to refuse are told as well, unless they have a group’s name', () => {
  const told = (named: boolean, before: readonly string[], ...asked: string[]) => {
    const tries = before.map(address => newTry(address, false))
    const addresses = ['a', 'b', 'c']
    const place = new Tries(tries, { hold: 0, config: { named }, addresses } as unknown as UpstreamGroup)
    for (const address of asked) {
      place.begin(address)
      place.status(502)
    }
    place.restAway()
    return tries.map(({ address, apart, status }) => `${apart ? ':' : ''}${address}${status}`).join(' ')
  }
  assert.equal(told(false, [], 'b'), 'b502 a502 c502')
  assert.equal(told(false, [], 'a', 'b', 'c'), 'a502 b502 c502')
  assert.equal(told(false, ['a'], 'b'), 'a0 :b502 a502 c502')
  assert.equal(told(true, [], 'b'), 'b502')
})
