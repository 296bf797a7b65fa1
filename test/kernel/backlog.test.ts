import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { backlogOf } from '../../src/kernel/backlog.ts'
import { Journal } from '../support/journal.ts'
import { temporaryFolder } from '../support/owner.ts'
import { connectRaw } from '../support/raw-client.ts'

/** Accepts one connection for each line it is sent, and says so. */
const listener = `
import socket, sys
s = socket.socket(socket.AF_UNIX if sys.argv[1].startswith("/") else socket.AF_INET6 if sys.argv[1] == "::" else socket.AF_INET)
if sys.argv[1].startswith("/"): s.bind(sys.argv[1])
else: s.bind((sys.argv[1], 0))
s.listen(8)
name = s.getsockname()
print(name if isinstance(name, str) else name[1], flush=True)
kept = []
for line in sys.stdin:
    kept.append(s.accept())
    print("accepted", flush=True)
`
const linux = process.platform === 'linux' ? {} : { skip: 'only Linux shows it' }

for (const where of ['127.0.0.1', '0.0.0.0', '::', 'unix']) {
  test(`connections that were not accepted are counted: a listener on ${where}`, linux, async t => {
    const owner = t
    const path = `${temporaryFolder(owner)}/s.sock`
    const child = spawn('python3', ['-c', listener, where === 'unix' ? path : where], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    owner.after(() => void child.kill('SIGKILL'))
    const said = new Journal<string>('the listener')
    createInterface({ input: child.stdout }).on('line', line => said.push(line))
    const name = await said.find(() => true, 'its address')
    const endpoint = where === 'unix' ? { path } : { host: '127.0.0.1', port: Number(name) }
    assert.equal(backlogOf(endpoint), 0)
    const address = where === 'unix' ? `unix:${path}` : `127.0.0.1:${name}`
    for (let i = 0; i < 3; i++) await connectRaw(owner, address)
    assert.equal(backlogOf(endpoint), 3)
    child.stdin.write('\n')
    await said.find(line => line === 'accepted', 'one to be accepted')
    assert.equal(backlogOf(endpoint), 2)
  })
}

test('where nobody listens, or on another machine, there is nothing to tell', () => {
  assert.equal(backlogOf({ host: '127.0.0.1', port: 1 }), null)
  assert.equal(backlogOf({ host: '192.0.2.1', port: 80 }), null)
  assert.equal(backlogOf({ path: '/nowhere/at/all' }), null)
})
