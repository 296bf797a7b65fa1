import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

test('where a request’s time went, and which slot it had', t => {
  const facts = factsOf(siteOf(t, 'events {} http { server { listen 127.0.0.1:8080; } }'))
  const visit = visitOf(facts)
  const value = (name: string) => facts.variable(`shield_${name}`)(visit)
  assert.deepEqual(['slot', 'upstream', 'outcome', 'attempts'].map(value), [null, null, 'ok', '0'])
  const { exchange } = visit
  exchange.enter('queued', exchange.startedAt + 5.4)
  exchange.enter('waiting', exchange.startedAt + 1255.8)
  exchange.enter('done', exchange.startedAt + 1301.2)
  Object.assign(exchange, { slot: 3, upstream: '127.0.0.1:8000', attempts: 1, spilled: 10 })
  assert.deepEqual(
    'receive_time queue_time hold_time wait_time total_time slot upstream attempts spilled'
      .split(' ')
      .map(value),
    ['0.005', '1.250', '0.000', '0.045', '1.301', '3', '127.0.0.1:8000', '1', '10'],
  )
})
