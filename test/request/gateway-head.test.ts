import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Gateway } from '../../src/config/nginx/modules/gateways.ts'
import { gatewayHead } from '../../src/request/gateway-head.ts'
import type { BodyLength } from '../../src/request/worker-head.ts'
import { readGateway } from '../support/gateway-reading.ts'
import type { Owner } from '../support/owner.ts'
import { type Asked, factsOf, siteOf, visitOf } from '../support/visit.ts'

/** What a gateway is told, as `NAME=value`. @param said directives of the location */
function told(
  t: Owner,
  said: string,
  asked: Asked = {},
  body: BodyLength = 'none',
  gateway: Gateway = 'uwsgi',
) {
  const config = `events {} http { server { listen 127.0.0.1:8080; location / { ${said} ${gateway}_pass 127.0.0.1:1; } } }`
  const visit = visitOf(factsOf(siteOf(t, config)), asked)
  const head = Buffer.from(gatewayHead(visit, gateway, body), 'latin1')
  const sent = typeof body === 'number' ? Buffer.concat([head, Buffer.alloc(body)]) : head
  const request = readGateway(sent, gateway)!
  return request.params
    .map(([name, value]) => `${name}=${value}`)
    .filter(param => !param.startsWith('HTTP_X_REQUEST_ID=') && param !== 'HTTP_HOST=site.test')
}

test('parameters in the order of the file, then the fields in that of the client', t => {
  assert.deepEqual(
    told(t, 'uwsgi_param B $request_method; uwsgi_param A "$arg_x!";', {
      target: '/?x=1',
      fields: { 'X-One': 'a', Accept: 'b' },
    }),
    ['B=GET', 'A=1!', 'HTTP_X_ONE=a', 'HTTP_ACCEPT=b'],
  )
})

test('a parameter of nothing is left out only where that is said', t => {
  assert.deepEqual(
    told(t, 'uwsgi_param A ""; uwsgi_param B "" if_not_empty; uwsgi_param C $arg_none if_not_empty;'),
    ['A='],
  )
})

test('a parameter takes the place of the field of its name, whatever the case, and one of nothing takes it away', t => {
  assert.deepEqual(
    told(
      t,
      'uwsgi_param HTTP_X_A file; uwsgi_param HTTP_X_B ""; uwsgi_param HTTP_x_c $arg_none; uwsgi_param HTTP_ d;',
      {
        fields: { 'X-A': 'client', 'X-B': 'client', 'X-C': 'client', 'X-D': 'client' },
      },
    ),
    ['HTTP_X_A=file', 'HTTP_x_c=', 'HTTP_=d', 'HTTP_X_D=client'],
  )
})

test('fields of one name are one parameter, cookies joined as cookies are', t => {
  assert.deepEqual(
    told(t, '', {
      lines: [
        ['Cookie', 'a=1'],
        ['X-A', '1'],
        ['cookie', 'b=2'],
        ['x-a', '2'],
        ['X-A', ''],
      ],
    }),
    ['HTTP_COOKIE=a=1; b=2', 'HTTP_X_A=1, 2, '],
  )
})

test('what a client must not say is not passed on', t => {
  assert.deepEqual(
    told(t, '', {
      lines: [
        ['Proxy', 'http://evil'],
        ['Connection', 'X-Hop'],
        ['X-Hop', '1'],
        ['Transfer-Encoding', 'chunked'],
        ['X_Real_IP', '6.6.6.6'],
        ['X-Real-IP', '1.1.1.1'],
        ['X_Real-IP', '6.6.6.6'],
        ['X-Real-IP', '2.2.2.2'],
        ['X_Real_IP', '6.6.6.6'],
        ['A_B-C', '1'],
        ['A-B_C', '2'],
        ['Only_Here', '1'],
        ['Only_Here-', '2'],
      ],
    }),
    [
      'HTTP_CONNECTION=X-Hop',
      'HTTP_X_REAL_IP=1.1.1.1, 2.2.2.2',
      'HTTP_A_B_C=1',
      'HTTP_ONLY_HERE=1',
      'HTTP_ONLY_HERE_=2',
    ],
  )
  assert.deepEqual(told(t, 'uwsgi_param HTTP_PROXY the-files;', { fields: { Proxy: 'x' } }), [
    'HTTP_PROXY=the-files',
  ])
})

test('of a body that is not there nothing is told by names with underscores either', t => {
  const lines: [string, string][] = [
    ['Transfer_Encoding', 'chunked'],
    ['Content_Length', '99'],
  ]
  assert.deepEqual(told(t, '', { lines }), [])
  assert.deepEqual(told(t, '', { lines }, 5, 'scgi'), ['CONTENT_LENGTH=5'])
  const all = { lines: [...lines, ['Content-Length', '5']] } as Asked
  assert.deepEqual(told(t, '', all, 5, 'scgi'), ['CONTENT_LENGTH=5', 'HTTP_CONTENT_LENGTH=5'])
})

test('without the client’s fields there are the parameters', t => {
  assert.deepEqual(told(t, 'uwsgi_pass_request_headers off; uwsgi_param A b;', { fields: { 'X-A': '1' } }), [
    'A=b',
  ])
})

test('a length is told where there is a body', t => {
  const said = 'uwsgi_param CONTENT_LENGTH $content_length;'
  const fields = { 'Content-Length': '5' }
  assert.deepEqual(told(t, said, { fields }, 5), ['CONTENT_LENGTH=5', 'HTTP_CONTENT_LENGTH=5'])
  assert.deepEqual(told(t, said, { fields }), ['CONTENT_LENGTH='])
  assert.deepEqual(told(t, said, { fields: { 'Content-Length': '0' } }, 0), [
    'CONTENT_LENGTH=0',
    'HTTP_CONTENT_LENGTH=0',
  ])
  assert.deepEqual(told(t, 'scgi_param A b;', { fields }, 5, 'scgi'), [
    'CONTENT_LENGTH=5',
    'A=b',
    'HTTP_CONTENT_LENGTH=5',
  ])
  assert.deepEqual(told(t, '', { fields }, 'none', 'scgi'), ['CONTENT_LENGTH=0'])
})

test('the request’s name goes along, unless it has one', t => {
  const of = (said: string, fields = {}) => {
    const config = `events {} http { server { listen 127.0.0.1:8080; location / { ${said} uwsgi_pass 127.0.0.1:1; } } }`
    const visit = visitOf(factsOf(siteOf(t, config)), { fields })
    visit.exchange.id = 'ours'
    const head = Buffer.from(gatewayHead(visit, 'uwsgi', 'none'), 'latin1')
    return readGateway(head)!
      .params.filter(([name]) => name === 'HTTP_X_REQUEST_ID')
      .map(([, value]) => value)
  }
  assert.deepEqual(of(''), ['ours'])
  assert.deepEqual(of('', { 'X-Request-Id': 'theirs' }), ['theirs'])
  assert.deepEqual(of('uwsgi_param HTTP_X_REQUEST_ID file;', { 'X-Request-Id': 'theirs' }), ['file'])
  assert.deepEqual(of('uwsgi_pass_request_headers off;', { 'X-Request-Id': 'theirs' }), ['ours'])
})

test('modifiers, and what follows the parameters', t => {
  const config =
    'events {} http { server { listen 127.0.0.1:8080; location / { uwsgi_modifier1 5; uwsgi_modifier2 6; uwsgi_string "\\x01"; uwsgi_pass_request_headers off; uwsgi_param HTTP_X_REQUEST_ID ""; uwsgi_pass 127.0.0.1:1; } } }'
  const head = gatewayHead(visitOf(factsOf(siteOf(t, config))), 'uwsgi', 'none')
  assert.equal(head, '\x05\x04\0\x06\\x01')
})

test('FastCGI is told whether a body follows', t => {
  const config =
    'events {} http { server { listen 127.0.0.1:8080; location / { fastcgi_pass 127.0.0.1:1; } } }'
  const visit = visitOf(factsOf(siteOf(t, config)))
  const end = '\x01\x05\0\x01\0\0\0\0'
  assert.ok(gatewayHead(visit, 'fastcgi', 'none').endsWith(end))
  for (const body of [0, 5, 'chunked'] as const) assert.ok(!gatewayHead(visit, 'fastcgi', body).endsWith(end))
})

test('what does not fit is an error', t => {
  assert.throws(
    () => told(t, '', { fields: { 'X-A': 'x'.repeat(65_530) } }),
    /^GatewayError: uwsgi request is too big/,
  )
})

test('of what a cache is to keep the whole is asked for, or whether what it has is still right', t => {
  const config =
    'events {} http { server { listen 127.0.0.1:8080; location / { uwsgi_pass 127.0.0.1:1; } location /set { uwsgi_param HTTP_IF_NONE_MATCH ""; uwsgi_pass 127.0.0.1:1; } } }'
  const facts = factsOf(siteOf(t, config))
  const fields = {
    Range: 'bytes=0-1',
    'If-Modified-Since': 'x',
    'If-Match': 'x',
    'If-Range': 'x',
    'X-A': '1',
  }
  const of = (target: string, keeping: { modified: string | null; etag: string | null }) => {
    const visit = visitOf(facts, { target, fields })
    visit.keeping = keeping
    const { params } = readGateway(Buffer.from(gatewayHead(visit, 'uwsgi', 'none'), 'latin1'))!
    return params.filter(([name]) => !/HTTP_(?:HOST|X_REQUEST_ID)/.test(name)).map(pair => pair.join('='))
  }
  assert.deepEqual(of('/', { modified: null, etag: null }), ['HTTP_X_A=1'])
  const known = { modified: 'yesterday', etag: '"e"' }
  assert.deepEqual(of('/', known), [
    'HTTP_IF_MODIFIED_SINCE=yesterday',
    'HTTP_IF_NONE_MATCH="e"',
    'HTTP_X_A=1',
  ])
  assert.deepEqual(of('/set', known), ['HTTP_IF_MODIFIED_SINCE=yesterday', 'HTTP_X_A=1'])
})
