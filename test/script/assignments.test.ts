import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assign, takeCaptures } from '../../src/script/assignments.ts'
import { compilePattern } from '../../src/script/regex.ts'
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

test('captures by number and by name', t => {
  const visit = visitOf(factsOf(siteOf(t, CONFIG)))
  takeCaptures(visit, compilePattern('(?<First>a)(b)?(?<last>c)?', false).exec('a')!)
  assert.deepEqual([...visit.captures], ['a', 'a', undefined, undefined])
  assert.deepEqual(
    [...visit.variables],
    [
      ['first', 'a'],
      ['last', ''],
    ],
  )
  takeCaptures(visit, compilePattern('(b)', false).exec('b')!)
  assert.deepEqual([...visit.captures], ['b', 'b'])
  assert.equal(visit.variables.get('first'), 'a')
})
