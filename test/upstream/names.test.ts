import assert from 'node:assert/strict'
import { test } from 'node:test'
import { literalPlace, lookUp } from '../../src/upstream/names.ts'

function tcp(host: string) {
  return { name: 'as written', address: { kind: 'tcp', host, port: 8000 } } as const
}
const socket = { name: 'unix:/run/app.sock', address: { kind: 'unix', path: '/run/app.sock' } } as const

test('an address and a socket need no lookup', () => {
  for (const host of ['127.0.0.1', '::1', '192.0.2.1', '2001:db8::1'])
    assert.deepEqual(literalPlace(tcp(host)), { name: 'as written', endpoint: { host, port: 8000 } })
  assert.deepEqual(literalPlace(socket), { name: socket.name, endpoint: { path: '/run/app.sock' } })
})

test('localhost is one place, since one server listens behind both its addresses', () => {
  assert.deepEqual(literalPlace(tcp('localhost'))?.endpoint, { host: '127.0.0.1', port: 8000 })
})

test('a name needs one', () => {
  for (const host of ['app', 'app.test', 'localhost.test', '127.0.0.1.test'])
    assert.equal(literalPlace(tcp(host)), null)
})

test('of a name with addresses of both families only those of IPv4 count', async () => {
  const found = await lookUp(tcp('localhost'))
  assert.ok(typeof found === 'object', `localhost is unknown here: ${found}`)
  assert.ok(
    found.places.every(
      ({ endpoint }) => endpoint !== null && 'host' in endpoint && endpoint.host.startsWith('127.'),
    ),
  )
  if (found.places.length === 1) assert.equal(found.places[0]!.name, 'as written')
})

test('a name that nobody knows settles with the error’s code', async () => {
  // RFC 6761 §6.4: names under invalid are never known.
  const found = await lookUp(tcp('no-such-host.invalid'))
  assert.match(String(found), /^(?:ENOTFOUND|EAI_AGAIN)$/)
})
