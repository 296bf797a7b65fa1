import assert from 'node:assert/strict'
import { test } from 'node:test'
import { childEnvironment } from '../../src/supervise/child-environment.ts'

const tcp = { kind: 'tcp', host: '127.0.0.1', port: 8000 } as const
const node = '/opt/shieldproxy/runtime/node'
const own = '/opt/shieldproxy/runtime/lib'

test('the app’s port is the upstream’s, never ours', () => {
  const env = { PORT: '80', HOME: '/' }
  assert.deepEqual(childEnvironment(env, tcp), { PORT: '8000', HOME: '/' })
  assert.deepEqual(childEnvironment(env, { kind: 'unix', path: '/run/app.sock' }), { HOME: '/' })
  assert.equal(env.PORT, '80', 'our own environment stays')
})

test('the runtime’s libraries are not the app’s', () => {
  const left = (path: string) => childEnvironment({ LD_LIBRARY_PATH: path }, tcp, node).LD_LIBRARY_PATH
  assert.equal(left(own), undefined)
  assert.equal(left(`${own}:/usr/lib/cuda`), '/usr/lib/cuda')
  assert.equal(left('/usr/lib/cuda'), '/usr/lib/cuda')
})
