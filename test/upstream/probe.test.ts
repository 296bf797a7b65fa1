import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { createServer } from 'node:tls'
import { everySetting } from '../../src/config/nginx/every-setting.ts'
import { answers } from '../../src/upstream/probe.ts'
import { UpstreamTls } from '../../src/upstream/upstream-tls.ts'
import { siteOf } from '../config/nginx/reading.ts'
import { Certificates } from '../support/certificates.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { startRecorder, writes } from '../support/recorder.ts'

test('asked with a whole request that ends the connection, it answers when anything that is HTTP comes', async t => {
  const app = await startRecorder(t, { answer: writes('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n') })
  const [host, port] = app.address.split(':') as [string, string]
  assert.equal(await answers({ host, port: Number(port) }, '/up', 'app.test', 5_000), true)
  const { request } = app.connections.entries[0]!
  assert.deepEqual([request.method, request.target], ['GET', '/up'])
  const fields = request.fields.map(([name, value]) => `${name.toLowerCase()}: ${value}`)
  assert.ok(fields.includes('connection: close'), fields.join(', '))
  assert.ok(fields.includes('host: app.test'), fields.join(', '))
  assert.equal(app.connections.entries.length, 1)
})

test('nobody there, and no HTTP, is no answer', async t => {
  assert.equal(await answers({ host: '127.0.0.1', port: await freePort() }, '/', 'a', 5_000), false)
  const app = await startRecorder(t, { answer: writes('SSH-2.0-OpenSSH\r\n') })
  const [host, port] = app.address.split(':') as [string, string]
  assert.equal(await answers({ host, port: Number(port) }, '/', 'a', 5_000), false)
  const path = join(temporaryFolder(t), 'none.sock')
  assert.equal(await answers({ path }, '/', 'a', 5_000), false)
})

test('by TLS, with the name and the certificate that the file says, whoever answers', async t => {
  const certificates = new Certificates(t)
  const [app, client] = [certificates.alone('app.example'), certificates.of('client.example')]
  const seen: string[] = []
  const ca = readFileSync(certificates.authority.cert)
  const files = { cert: readFileSync(app.cert), key: readFileSync(app.key), ca }
  const server = createServer({ ...files, requestCert: true }, socket => {
    socket.on('error', () => {})
    socket.once('data', head => {
      const { servername } = socket as { servername?: string | false }
      seen.push(`${servername} ${socket.getPeerCertificate().subject.CN} ${head.toString().split('\r\n')[0]}`)
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const site = siteOf(
    t,
    `server { location / { proxy_pass https://127.0.0.1:${port}; proxy_ssl_server_name on; proxy_ssl_name app.example;
       proxy_ssl_verify on; proxy_ssl_trusted_certificate ${certificates.authority.cert};
       proxy_ssl_certificate ${client.cert}; proxy_ssl_certificate_key ${client.key}; } }`,
  )
  const { proxyTls } = [...everySetting(site.servers)].at(-1)!
  const tls = new UpstreamTls([]).of(proxyTls, 'app.example', ({ text }) => text)
  const terms = { family: 'http', tls } as const
  const place = { host: '127.0.0.1', port }
  assert.equal(await answers(place, '/up', 'app.example', 5_000, terms), true)
  assert.deepEqual(seen, ['app.example client.example GET /up HTTP/1.1'])
  assert.equal(await answers(place, '/up', 'app.example', 5_000), false)
  const plain = await startRecorder(t, { answer: writes('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n') })
  const [host, other] = plain.address.split(':') as [string, string]
  assert.equal(await answers({ host, port: Number(other) }, '/up', 'a', 5_000, terms), false)
})
