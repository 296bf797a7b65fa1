import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeaderList } from '../../../src/http1/headers.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

const CONFIG = 'events {} http { server { listen 127.0.0.1:8080; } }'
const NONE = {
  status: 0,
  connectMs: -1,
  headerMs: -1,
  responseMs: 0,
  bytesReceived: 0,
  bytesSent: 0,
  bodyBytes: 0,
}

test('one value for each try; a colon where another place was asked', t => {
  const facts = factsOf(siteOf(t, CONFIG))
  const visit = visitOf(facts)
  const value = (name: string) => facts.variable(`upstream_${name}`)(visit)
  assert.equal(value('addr'), null)
  visit.tries.push({ ...NONE, address: '127.0.0.1:1' })
  visit.tries.push({
    address: 'unix:/tmp/a.sock',
    status: 200,
    connectMs: 1.2,
    headerMs: 1234.9,
    responseMs: 60_000,
    bytesReceived: 900,
    bytesSent: 80,
    bodyBytes: 700,
  })
  visit.tries.push({ ...NONE, address: '10.0.0.1:80', status: 502, apart: true })
  assert.deepEqual(
    'addr status connect_time header_time response_time response_length bytes_received bytes_sent'
      .split(' ')
      .map(value),
    [
      '127.0.0.1:1, unix:/tmp/a.sock : 10.0.0.1:80',
      '-, 200 : 502',
      '-, 0.001 : -',
      '-, 1.234 : -',
      '0.000, 60.000 : 0.000',
      '0, 700 : 0',
      '0, 900 : 0',
      '0, 80 : 0',
    ],
  )
})

test('fields and cookies of the upstream’s answer', t => {
  const facts = factsOf(siteOf(t, CONFIG))
  const visit = visitOf(facts)
  const value = (name: string) => facts.variable(name)(visit)
  assert.equal(value('upstream_http_x'), null)
  assert.equal(value('upstream_cookie_a'), null)
  const headers = new HeaderList()
  headers.add('X-Some-Thing', 'y')
  headers.add('Set-Cookie', 'a=1; b=no; Path=/')
  headers.add('set-cookie', 'B=2;HttpOnly')
  visit.upstreamHead = { status: 200, headers }
  assert.equal(value('upstream_http_x_some_thing'), 'y')
  assert.equal(value('upstream_http_set_cookie'), 'a=1; b=no; Path=/, B=2;HttpOnly')
  assert.equal(value('upstream_cookie_a'), '1')
  assert.equal(value('upstream_cookie_b'), '2')
  assert.equal(value('upstream_cookie_path'), null)
  assert.equal(value('upstream_trailer_x_sum'), null)
  visit.upstreamTrailers = new HeaderList()
  visit.upstreamTrailers.add('X-Sum', '7')
  assert.equal(value('upstream_trailer_x_sum'), '7')
})
