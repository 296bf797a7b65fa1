import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { applyRealIp, lookUpBelieved } from '../../src/access/real-ip.ts'
import { type Asked, factsOf, siteOf, visitOf } from '../support/visit.ts'

const BELIEVED = 'set_real_ip_from 127.0.0.1/32; set_real_ip_from 10.0.1.0/24; set_real_ip_from unix:;'

/** The client's address and port after the given directives. */
function clientOf(t: TestContext, directives: string, asked: Asked = {}): string {
  const visit = visitOf(factsOf(siteOf(t, `server { ${BELIEVED} ${directives} location / { } }`)), asked)
  applyRealIp(visit)
  return `${visit.client} ${visit.realClient?.port ?? 'none'}`
}

function forwarded(...values: string[]): Asked {
  return { lines: values.map(value => ['X-Forwarded-For', value] as const) }
}

test('X-Real-IP is believed of whom the file believes', t => {
  const fields = { 'X-Real-IP': '192.0.2.1' }
  assert.equal(clientOf(t, '', { fields }), '192.0.2.1 ')
  assert.equal(clientOf(t, '', { fields, connection: { peer: '10.0.2.1' } }), '10.0.2.1 none')
  assert.equal(clientOf(t, '', { fields, connection: { peer: 'unix:' } }), '192.0.2.1 ')
  assert.equal(clientOf(t, '', { fields, connection: { peer: '::ffff:127.0.0.1' } }), '192.0.2.1 ')
  assert.equal(clientOf(t, ''), '127.0.0.1 none')
})

test('any field may say it, and only the one that is named', t => {
  const asked = { fields: { 'X-Client': '192.0.2.7', 'X-Real-IP': '192.0.2.1' } }
  assert.equal(clientOf(t, 'real_ip_header X-Client;', asked), '192.0.2.7 ')
})

test('without recursion the last address counts, with it the last that is not believed', t => {
  const header = 'real_ip_header X-Forwarded-For;'
  const recursive = `${header} real_ip_recursive on;`
  for (const [directives, values, client] of [
    [header, ['10.0.0.1, 192.0.2.1'], '192.0.2.1 '],
    [header, ['192.0.2.1, 10.0.1.1, 127.0.0.1'], '127.0.0.1 '],
    [header, ['192.0.2.1', '127.0.0.1, 10.0.1.1'], '10.0.1.1 '],
    [recursive, ['10.0.1.1, 192.0.2.1, 127.0.0.1'], '192.0.2.1 '],
    [recursive, ['10.0.1.1', '192.0.2.1', '127.0.0.1'], '192.0.2.1 '],
    [recursive, ['10.0.1.1, 127.0.0.1'], '10.0.1.1 '],
    [recursive, ['192.0.2.1, nonsense, 10.0.1.1'], '10.0.1.1 '],
    [recursive, ['nonsense'], '127.0.0.1 none'],
    [header, [''], '127.0.0.1 none'],
    [header, ['192.0.2.1 , '], '192.0.2.1 '],
  ] as const) {
    assert.equal(clientOf(t, directives, forwarded(...values)), client, values.join(' | '))
  }
})

test('an address may have a port', t => {
  for (const [value, client] of [
    ['192.0.2.1:8080', '192.0.2.1 8080'],
    ['2001:DB8::1', '2001:db8::1 '],
    ['::FFFF:192.0.2.1', '192.0.2.1 '],
    ['::ffff:c000:201', '192.0.2.1 '],
    ['[::ffff:192.0.2.1]:443', '192.0.2.1 443'],
    ['[2001:db8::1]:443', '2001:db8::1 443'],
    // Brackets are for those that have a port (ngx_parse_addr_port).
    ['[2001:db8::1]', '127.0.0.1 none'],
    ['192.0.2.001', '192.0.2.1 '],
    ['0192.0.2.01:80', '192.0.2.1 80'],
    ['192.0.2.1:0', '127.0.0.1 none'],
    ['192.0.2.1:70000', '127.0.0.1 none'],
    ['[192.0.2.1]', '127.0.0.1 none'],
    ['unknown', '127.0.0.1 none'],
  ] as const) {
    assert.equal(clientOf(t, '', { fields: { 'X-Real-IP': value } }), client, value)
  }
})

test('the PROXY protocol says address and port', t => {
  const proxied = { peer: '192.0.2.9', peerPort: 4_711, localAddress: '10.0.0.1', localPort: 80 }
  const directives = 'real_ip_header proxy_protocol;'
  assert.equal(clientOf(t, directives, { connection: { proxied } }), '192.0.2.9 4711')
  const other = { ...proxied, peer: '2001:0DB8:0::1' }
  assert.equal(clientOf(t, directives, { connection: { proxied: other } }), '2001:db8::1 4711')
  assert.equal(clientOf(t, directives, { connection: { proxied, peer: '10.9.9.9' } }), '10.9.9.9 none')
  assert.equal(clientOf(t, directives), '127.0.0.1 none')
})

test('once it is known it stays, for what a request asks of itself as well', t => {
  const facts = factsOf(
    siteOf(t, `server { ${BELIEVED} location / { } location /x { real_ip_header X-Other; } }`),
  )
  const visit = visitOf(facts, { fields: { 'X-Real-IP': '192.0.2.1', 'X-Other': '192.0.2.2' } })
  applyRealIp(visit)
  visit.settings = visit.server.locations[1]!.settings
  applyRealIp(visit)
  assert.equal(visit.client, '192.0.2.1')
})

test('names are believed once they are found', async t => {
  const site = siteOf(t, 'server { set_real_ip_from lb.test; set_real_ip_from gone.test; location / { } }')
  const ask = () => {
    const visit = visitOf(factsOf(site), {
      fields: { 'X-Real-IP': '192.0.2.1' },
      connection: { peer: '10.7.7.7' },
    })
    applyRealIp(visit)
    return visit.client
  }
  const find = async (name: string) => {
    if (name === 'gone.test') throw new Error('no such name')
    return [{ address: '10.7.7.7' }, { address: 'fd00::1' }]
  }
  const search = lookUpBelieved([site.servers[0]!.settings], find)
  assert.equal(ask(), '10.7.7.7')
  const problems = await search
  assert.deepEqual(problems, ['host not found in set_real_ip_from "gone.test"'])
  assert.equal(ask(), '192.0.2.1')
})
