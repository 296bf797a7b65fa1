import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type RequestOptions, request } from 'node:http'
import { connect, createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type AdminServer, type Shown, startAdmin } from '../../src/admin/admin.ts'
import type { Address } from '../../src/config/config.ts'

let readiness = { ready: true, reason: '' }
const shown: Shown = {
  metricsContentType: 'text/plain; version=0.0.4; charset=utf-8',
  metrics: async () => 'shieldproxy_build_info 1\n',
  status: () => ({ version: '1', inflight: [{ url: '/ü' }] }),
  readiness: () => readiness,
  history: () => [{ at: 1 }],
}

async function open(
  t: TestContext,
  address: Partial<Address> = {},
  over: Partial<Shown> = {},
  onError?: (e: unknown) => void,
) {
  const at = { kind: 'tcp', host: '127.0.0.1', port: 0, ...address } as Address
  const admin = await startAdmin(at, { ...shown, ...over }, onError === undefined ? {} : { onError })
  t.after(() => admin.close())
  return admin
}

async function get(admin: AdminServer, path: string, options: RequestOptions = {}) {
  const { address } = admin
  const where =
    address.kind === 'tcp' ? { host: address.host, port: address.port } : { socketPath: address.path }
  const asked = request({ ...where, path, agent: false, ...options })
  asked.end()
  const [response] = await once(asked, 'response')
  let body = ''
  for await (const piece of response.setEncoding('utf8')) body += piece
  return { status: response.statusCode as number, headers: response.headers, body }
}

test('the paths', async t => {
  const admin = await open(t)
  const health = await get(admin, '/healthz')
  assert.deepEqual([health.status, health.body, health.headers['cache-control']], [200, 'ok\n', 'no-store'])
  const metrics = await get(admin, '/metrics?x=1')
  assert.deepEqual([metrics.status, metrics.body], [200, 'shieldproxy_build_info 1\n'])
  assert.equal(metrics.headers['content-type'], shown.metricsContentType)
  const status = await get(admin, '/status.json')
  assert.deepEqual(JSON.parse(status.body), shown.status())
  assert.match(String(status.headers['content-type']), /^application\/json/)
})

test('readiness, and the reason when there is none', async t => {
  const admin = await open(t)
  t.after(() => (readiness = { ready: true, reason: '' }))
  assert.deepEqual((await get(admin, '/readyz')).status, 200)
  readiness = { ready: false, reason: 'draining' }
  const answer = await get(admin, '/readyz')
  assert.deepEqual([answer.status, answer.body], [503, 'draining\n'])
})

test('an unknown path lists those there are', async t => {
  const admin = await open(t)
  for (const path of ['/nothing', '/healthz/', '/constructor', '//']) {
    const answer = await get(admin, path)
    assert.equal(answer.status, 404, path)
    for (const each of ['/healthz', '/readyz', '/metrics', '/status.json'])
      assert.ok(answer.body.includes(each))
  }
})

test('HEAD has the same head and no body; other methods are refused', async t => {
  const admin = await open(t)
  const head = await get(admin, '/status.json', { method: 'HEAD' })
  const full = await get(admin, '/status.json')
  assert.deepEqual([head.status, head.body], [200, ''])
  assert.equal(head.headers['content-length'], full.headers['content-length'])
  for (const method of ['POST', 'DELETE', 'OPTIONS']) {
    const answer = await get(admin, '/status.json', { method })
    assert.deepEqual([answer.status, answer.headers.allow], [405, 'GET, HEAD'], method)
  }
})

test('a foreign Host or Origin is refused', async t => {
  const admin = await open(t)
  assert.equal((await get(admin, '/status.json', { headers: { host: 'evil.example' } })).status, 403)
  assert.equal((await get(admin, '/healthz', { headers: { host: 'evil.example' } })).status, 200)
  const answer = await get(admin, '/status.json', { headers: { origin: 'https://evil.example' } })
  assert.equal(answer.status, 403)
  assert.match(answer.body, /^Requests from web pages of another origin are refused\.\n$/)
})

const outside = Object.values(networkInterfaces())
  .flatMap(each => each ?? [])
  .find(each => !each.internal && each.family === 'IPv4')?.address

test('from beyond loopback only probes and metrics', {
  skip: outside === undefined && 'no other address here',
}, async t => {
  const admin = await open(t, { host: outside! })
  for (const path of ['/healthz', '/readyz', '/metrics'])
    assert.equal((await get(admin, path)).status, 200, path)
  assert.equal((await get(admin, '/status.json')).status, 403)
})

test('what fails is a 500 without its reason, which is told elsewhere', async t => {
  const told: unknown[] = []
  const status = () => {
    throw new Error('inner words')
  }
  const admin = await open(t, {}, { status }, error => told.push(error))
  const answer = await get(admin, '/status.json')
  assert.equal(answer.status, 500)
  assert.doesNotMatch(answer.body, /inner words/)
  assert.match(String(told[0]), /inner words/)
})

test('a Unix socket is for its owner alone, is removed at the end, and replaces one that is dead', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'admin-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'admin.sock')
  // A server whose process ends without closing leaves its socket behind; so does one that is renamed away.
  const dead = createServer().listen(join(folder, 'first.sock'))
  await once(dead, 'listening')
  renameSync(join(folder, 'first.sock'), path)
  dead.close()
  await once(dead, 'close')
  assert.equal(existsSync(path), true)
  const mask = process.umask()
  const admin = await open(t, { kind: 'unix', path })
  assert.equal(process.umask(), mask)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal((await get(admin, '/status.json', { headers: { host: 'anything' } })).status, 200)
  await assert.rejects(open(t, { kind: 'unix', path }), /EADDRINUSE/, 'one that is alive is left alone')
  assert.equal((await get(admin, '/healthz')).status, 200)
  await admin.close()
  assert.equal(existsSync(path), false)
})

test('a file that is no socket is never removed', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'admin-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'precious')
  writeFileSync(path, 'x')
  await assert.rejects(open(t, { kind: 'unix', path }), /EADDRINUSE/)
  assert.equal(existsSync(path), true)
})

test('a port that is taken is a failure the caller hears of', async t => {
  const first = await open(t)
  const { port } = first.address as { port: number }
  assert.ok(port > 0)
  await assert.rejects(open(t, { port }), { code: 'EADDRINUSE' })
})

test('an idle or silent connection does not hold up the end', async t => {
  const admin = await open(t)
  const { port } = admin.address as { port: number }
  const silent = connect(port, '127.0.0.1')
  t.after(() => silent.destroy())
  await once(silent, 'connect')
  silent.write('GET /healthz HTTP/1.1\r\n')
  // A reset is an end as good as any, so not `once()`, which rejects on it.
  const closed = new Promise(resolve => silent.once('close', resolve))
  silent.resume().on('error', () => {})
  await admin.close()
  await closed
})
