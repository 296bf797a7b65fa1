import assert from 'node:assert/strict'
import { test } from 'node:test'
import { soon } from '../../src/afterwards.ts'
import { beginSoon } from '../../src/attempt/beginning.ts'
import { Failure } from '../../src/errors.ts'
import { Exchange } from '../../src/exchange.ts'

/** A request that notes what becomes of it. */
function one(heard: string[], name: string): Exchange {
  const exchange = new Exchange('192.0.2.1', 0)
  beginSoon(exchange, () => {
    heard.push(`${name} begins`)
    exchange.onInterrupt = failure => void heard.push(`${name} hears ${failure.code}`)
  })
  return exchange
}

test('those that came together begin together, in their order, behind what is read', async () => {
  const heard: string[] = []
  const [first] = [one(heard, 'a'), one(heard, 'b')]
  heard.push('read')
  await new Promise<void>(soon)
  assert.deepEqual(heard, ['read', 'a begins', 'b begins'])
  first.interrupt(new Failure('edge_timeout', 'late'))
  assert.deepEqual(heard.slice(3), ['a hears edge_timeout'])
})

test('what ends a request before it has begun is not lost, and it begins once', async () => {
  const heard: string[] = []
  one(heard, 'a').interrupt(new Failure('drain_timeout', 'the end'))
  assert.deepEqual(heard, ['a begins', 'a hears drain_timeout'])
  await new Promise<void>(soon)
  assert.equal(heard.length, 2)
})
