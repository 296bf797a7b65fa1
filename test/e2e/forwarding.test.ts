// What the worker is told about the client, and by whom: forwarding fields come from trusted peers only.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { value, values } from '../support/answer.ts'
import { type Gunicorn, startGunicorn } from '../support/gunicorn.ts'
import { file, type Owner } from '../support/owner.ts'
import { startRecorder } from '../support/recorder.ts'
import { without } from '../support/servers.ts'
import { startShield } from '../support/shield.ts'
import type { StrictRequest } from '../support/strict-reading.ts'

/** What a worker gets when a client on loopback sends these fields. */
async function arrives(owner: Owner, trusted: string[], ...lines: string[]): Promise<StrictRequest> {
  const recorder = await startRecorder(owner)
  const args = trusted.flatMap(range => ['--trusted-proxies', range])
  const shield = await startShield(owner, { upstream: recorder.address, args })
  assert.equal((await shield.get('/', ...lines)).status, 200)
  return (await recorder.request()).request
}

const claims = [
  'X-Forwarded-For: 203.0.113.7',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: shop.example',
  'X-Forwarded-Port: 443',
  'X-Real-IP: 203.0.113.9',
  'X-Request-Id: from-the-edge',
]
const nobody = ['192.0.2.0/24']

test('an untrusted peer claims nothing', async t => {
  const request = await arrives(t, nobody, ...claims, 'CF-Connecting-IP: 203.0.113.8')
  assert.equal(value(request, 'x-forwarded-for'), '127.0.0.1')
  assert.equal(value(request, 'x-real-ip'), '127.0.0.1')
  assert.equal(value(request, 'x-forwarded-proto'), 'http')
  assert.equal(value(request, 'x-forwarded-host'), 'app.test')
  assert.notEqual(value(request, 'x-forwarded-port'), '443')
  assert.match(value(request, 'x-request-start') ?? '', /^t=\d+(\.\d+)?$/)
  assert.notEqual(value(request, 'x-request-id'), 'from-the-edge')
})

test('a trusted peer is believed, and appended to', async t => {
  const request = await arrives(t, ['127.0.0.0/8'], ...claims)
  assert.equal(value(request, 'x-forwarded-for'), '203.0.113.7, 127.0.0.1')
  assert.equal(value(request, 'x-real-ip'), '203.0.113.7')
  assert.equal(value(request, 'x-forwarded-proto'), 'https')
  assert.equal(value(request, 'x-forwarded-host'), 'shop.example')
  assert.equal(value(request, 'x-forwarded-port'), '443')
  assert.equal(value(request, 'x-request-id'), 'from-the-edge')
})

test('the client is the rightmost address that is not trusted', async t => {
  const chain = 'X-Forwarded-For: 198.51.100.66, 203.0.113.7, 10.0.0.9'
  const request = await arrives(t, ['127.0.0.0/8', '10.0.0.0/8'], chain)
  assert.equal(value(request, 'x-real-ip'), '203.0.113.7')
  assert.equal(value(request, 'x-forwarded-for'), '198.51.100.66, 203.0.113.7, 10.0.0.9, 127.0.0.1')
})

test('CF-Connecting-IP counts through a trusted Cloudflare, and not when a stranger sends it', async t => {
  const through = ['X-Forwarded-For: 203.0.113.7, 173.245.48.5', 'CF-Connecting-IP: 203.0.113.7']
  assert.equal(value(await arrives(t, ['127.0.0.0/8', 'cloudflare'], ...through), 'x-real-ip'), '203.0.113.7')
  const forged = ['CF-Connecting-IP: 203.0.113.8']
  assert.equal(value(await arrives(t, nobody, ...forged), 'x-real-ip'), '127.0.0.1')
  const stranger = ['X-Forwarded-For: 198.51.100.66', 'CF-Connecting-IP: 203.0.113.8']
  assert.equal(
    value(await arrives(t, ['127.0.0.0/8', 'cloudflare'], ...stranger), 'x-real-ip'),
    '198.51.100.66',
  )
})

test('nothing is left that could contradict', async t => {
  const request = await arrives(
    t,
    ['127.0.0.0/8'],
    'X-Forwarded-Proto: https',
    'X-Forwarded-Ssl: off',
    'X-Forwarded-Protocol: http',
    'Forwarded: for=1.2.3.4;proto=http',
    'X_Forwarded_Proto: http',
    'Proxy: http://evil/',
  )
  assert.deepEqual(values(request, 'x-forwarded-proto'), ['https'])
  for (const ssl of values(request, 'x-forwarded-ssl')) assert.equal(ssl, 'on')
  for (const protocol of values(request, 'x-forwarded-protocol')) assert.match(protocol, /^(https|ssl)$/)
  for (const forwarded of values(request, 'forwarded')) assert.ok(!forwarded.includes('1.2.3.4'), forwarded)
  for (const [name] of request.fields) assert.ok(!name.includes('_') && name.toLowerCase() !== 'proxy', name)
})

test('X-Forwarded-Proto of several words or nonsense becomes one word', async t => {
  for (const said of ['https, http', 'HTTPS', 'gopher']) {
    const request = await arrives(t, ['127.0.0.0/8'], `X-Forwarded-Proto: ${said}`)
    assert.match(value(request, 'x-forwarded-proto') ?? '', /^https?$/, said)
  }
})

test('dropped for lack of trust: one line names the peer and the flag, once', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, {
    upstream: recorder.address,
    args: ['--trusted-proxies', '192.0.2.0/24'],
  })
  for (let count = 0; count < 3; count++) await shield.get('/', ...claims)
  const about = (line: object): boolean => JSON.stringify(line).includes('--trusted-proxies')
  const line = await shield.logLine(about, 'a word about trust')
  assert.ok(JSON.stringify(line).includes('127.0.0.1'))
  await shield.requestLine('/', 3)
  assert.equal(shield.log.entries.filter(about).length, 1)
})

test('what belongs to the connection is removed', async t => {
  const named = [
    'Connection: keep-alive, X-Own',
    'X-Own: 1',
    'Keep-Alive: 300',
    'Proxy-Connection: keep-alive',
    'TE: trailers',
    'Upgrade: h2c',
  ]
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address })
  const client = (await shield.connect()).request('GET', '/', ...named)
  assert.equal((await client.answer()).status, 200)
  const { request } = await recorder.request()
  assert.equal(value(request, 'connection')?.toLowerCase(), 'close')
  for (const name of ['x-own', 'keep-alive', 'proxy-connection', 'upgrade'])
    assert.deepEqual(values(request, name), [], name)
})

const skip = without('gunicorn')
const gunicorn = skip ? (null as unknown as Gunicorn) : await startGunicorn(file, { workers: 1 })

test('gunicorn never sees a contradiction', { skip }, async t => {
  const shield = await startShield(t, { upstream: gunicorn.address, args: ['--workers', '1'] })
  const contradictions = ['X-Forwarded-Proto: https', 'X-Forwarded-Ssl: off', 'X-Forwarded-Protocol: http']
  const answer = await shield.get('/echo', ...contradictions)
  assert.equal(answer.status, 200)
  assert.equal(JSON.parse(answer.body.toString()).environ['wsgi.url_scheme'], 'https')
})
