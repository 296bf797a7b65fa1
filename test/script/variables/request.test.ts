import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

const CONFIG = 'events {} http { server { listen 127.0.0.1:8080; server_name .Example.org other; } }'

test('without a host it is the server’s name', t => {
  const visit = visitOf(factsOf(siteOf(t, CONFIG)))
  Object.assign(visit.head, { host: '' })
  assert.equal(visit.site.variable('host')(visit), 'example.org')
})

test('a request has one id, 32 hexadecimal digits, whatever the edge calls it', t => {
  const facts = factsOf(siteOf(t, CONFIG))
  const id = facts.variable('request_id')
  const visit = visitOf(facts)
  visit.exchange.id = 'an edge’s own'
  assert.match(id(visit)!, /^[\da-f]{32}$/)
  assert.equal(id(visit), id(visit))
  const other = visitOf(facts)
  assert.notEqual(id(other), id(visit))
  const named = visitOf(facts)
  named.exchange.id = '0123456789abcdef0123456789abcdef'
  assert.equal(id(named), named.exchange.id)
})

test('the body, where it is at hand', t => {
  const facts = factsOf(siteOf(t, CONFIG))
  const visit = visitOf(facts, { method: 'POST' })
  assert.equal(facts.variable('request_body')(visit), null)
  assert.equal(facts.variable('content_length')(visit), null)
  // It came in chunks, and all of it is here.
  visit.exchange.bodyBytes = 7
  assert.equal(facts.variable('content_length')(visit), '7')
  visit.body = Buffer.from('a\xff', 'latin1')
  assert.equal(facts.variable('request_body')(visit), 'a\xff')
  assert.equal(facts.variable('content_length')(visit), '2')
})

test('fields with underscores, and fields that come more than once', t => {
  const facts = factsOf(siteOf(t, CONFIG))
  const visit = visitOf(facts, { fields: { 'X-A_B': '1', 'x-a-b': '2', X_Ab: '3', Cookie: 'a=1' } })
  visit.headers.add('Cookie', 'b=2')
  visit.headers.add('Via', 'one')
  visit.headers.add('via', 'two')
  const value = (name: string) => facts.variable(name)(visit)
  assert.equal(value('http_x_a_b'), '1, 2')
  assert.equal(value('http_via'), 'one, two')
  assert.equal(value('http_cookie'), 'a=1; b=2')
  assert.equal(value('cookie_b'), '2')
})
