import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { read, siteOf } from './reading.ts'

const said = (t: TestContext, text: string): string[] =>
  read(t, text).remarks.map(({ level, message }) => `${level}: ${message}`)

test('servers of one address are joined, the default one first', t => {
  const { listens } = siteOf(
    t,
    `server { listen 80; listen 127.0.0.1:81; server_name a; }
     server { listen *:80 default_server proxy_protocol; server_name b; }
     server { listen unix:/run/x.sock; server_name c; }`,
  )
  assert.deepEqual(
    listens.map(({ address, servers, proxyProtocol: proxied }) => ({ address, servers, proxied })),
    [
      { address: { kind: 'tcp', host: '0.0.0.0', port: 80 }, servers: [1, 0], proxied: true },
      { address: { kind: 'tcp', host: '127.0.0.1', port: 81 }, servers: [0], proxied: false },
      { address: { kind: 'unix', path: '/run/x.sock' }, servers: [2], proxied: false },
    ],
  )
})

test('what is said twice is an error, in nginx’s words', t => {
  assert.deepEqual(said(t, 'server { listen 80; listen *:80; }'), ['emerg: a duplicate listen 0.0.0.0:80'])
  assert.deepEqual(said(t, 'server { listen [::1]:80; listen [::1]:80; }'), [
    'emerg: a duplicate listen [::1]:80',
  ])
  assert.deepEqual(
    said(t, 'server { listen 80 default_server; server_name a; } server { listen 80 default_server; }'),
    ['emerg: a duplicate default server for 0.0.0.0:80'],
  )
})
