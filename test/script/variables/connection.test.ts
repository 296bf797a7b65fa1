import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectionFacts } from '../../../src/visit.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

const CONFIG = 'events {} http { server { listen 127.0.0.1:8080; } }'

test('the two ends of a connection, and what came before it', t => {
  const facts = factsOf(siteOf(t, CONFIG))
  const of = (connection: Partial<ConnectionFacts>, ...names: string[]) => {
    const visit = visitOf(facts, { connection })
    return names.map(name => facts.variable(name)(visit))
  }
  const proxied = { peer: '203.0.113.7', peerPort: 555, localAddress: '198.51.100.1', localPort: 443 }
  const own = { peer: '192.0.2.1', peerPort: 1234, localAddress: '10.0.0.1', localPort: 8443, secure: true }
  assert.deepEqual(of(own, 'remote_addr', 'remote_port', 'server_addr', 'server_port', 'scheme', 'https'), [
    '192.0.2.1',
    '1234',
    '10.0.0.1',
    '8443',
    'https',
    'on',
  ])
  const said = [
    'proxy_protocol_addr',
    'proxy_protocol_port',
    'proxy_protocol_server_addr',
    'proxy_protocol_server_port',
  ]
  assert.deepEqual(of({ proxied }, ...said), ['203.0.113.7', '555', '198.51.100.1', '443'])
  assert.deepEqual(of({}, ...said), [null, null, null, null])
  const tlvs = ['proxy_protocol_tlv_alpn', 'proxy_protocol_tlv_0x02']
  assert.deepEqual(of({ proxied: { ...proxied, extras: Buffer.from([1, 0, 2, 104, 50]) } }, ...tlvs), [
    'h2',
    null,
  ])
  assert.deepEqual(of({ proxied }, ...tlvs), [null, null])
  assert.deepEqual(of({ peer: 'unix:', peerPort: 0 }, 'remote_addr', 'remote_port', 'binary_remote_addr'), [
    'unix:',
    '',
    'unix:',
  ])
  assert.deepEqual(of({ peer: '255.0.128.1' }, 'binary_remote_addr'), ['\xff\x00\x80\x01'])
  assert.deepEqual(of({ peer: '2001:db8::ff' }, 'binary_remote_addr'), [
    `\x20\x01\x0d\xb8${'\0'.repeat(11)}\xff`,
  ])
  assert.deepEqual(
    of({ pipelined: true, number: 7, requests: 3 }, 'pipe', 'connection', 'connection_requests'),
    ['p', '7', '3'],
  )
})

test('the client that a trusted proxy named is the remote one; the other stays at hand', t => {
  const facts = factsOf(siteOf(t, CONFIG))
  const visit = visitOf(facts)
  visit.realClient = { address: '192.0.2.9', port: '99' }
  const value = (name: string) => facts.variable(name)(visit)
  assert.deepEqual(['remote_addr', 'remote_port', 'realip_remote_addr', 'realip_remote_port'].map(value), [
    '192.0.2.9',
    '99',
    '127.0.0.1',
    '40000',
  ])
})

test('what TLS says, where there is TLS', t => {
  const facts = factsOf(siteOf(t, CONFIG))
  const tls = (name: string) => (name === 'protocol' ? 'TLSv1.3' : '')
  const secure = visitOf(facts, { connection: { secure: true, tls } })
  const plain = visitOf(facts, { connection: { tls } })
  assert.equal(facts.variable('ssl_protocol')(secure), 'TLSv1.3')
  assert.equal(facts.variable('ssl_client_s_dn')(secure), null)
  assert.equal(facts.variable('ssl_protocol')(plain), null)
})

test('how many connections there are, where somebody counts', t => {
  const facts = factsOf(siteOf(t, CONFIG))
  const active = facts.variable('connections_active')
  assert.equal(active(visitOf(facts)), null)
  const counting = { ...facts, connections: () => ({ active: 5, reading: 1, writing: 2, waiting: 2 }) }
  const visit = visitOf(counting)
  assert.equal(
    visit.text({ text: '$connections_active $connections_waiting', at: { file: '', line: 0 } }),
    '5 2',
  )
})
