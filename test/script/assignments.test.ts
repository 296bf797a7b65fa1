import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assign } from '../../src/script/assignments.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

const CONFIG = 'events {} http { server { listen 127.0.0.1:8080; } }'

test('$args and $limit_rate change the request itself', t => {
  const said: string[] = []
  const visit = visitOf(factsOf(siteOf(t, CONFIG), said), { target: '/?a' })
  assign(visit, 'args', 'b=1')
  assert.equal(visit.args, 'b=1')
  assert.equal(visit.uriUnchanged, false)
  assign(visit, 'limit_rate', '4k')
  assert.equal(visit.limitRate, 4096)
  assert.equal(visit.site.variable('limit_rate')(visit), '4096')
  assign(visit, 'limit_rate', 'fast')
  assert.equal(visit.limitRate, 4096)
  assert.deepEqual(said, ['error: invalid $limit_rate "fast"'])
})
