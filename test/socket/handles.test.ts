import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { handles, SOCKET } from '../../src/socket/handles.ts'

const file = new URL('../../src/socket/handles.ts', import.meta.url)

/** What another process finds, with this said before. */
function found(before: string, ...flags: string[]): string {
  const code = `${before}; import(${JSON.stringify(file)}).then(({ handles }) => console.log(handles === null ? 'none' : 'some'))`
  return execFileSync(process.execPath, [...flags, '-e', code], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
}

test('this Node gives them out', () => {
  assert.ok(handles !== null, 'all would go through slower sockets: see docs/decisions/0014')
  const handle = new handles.Tcp(SOCKET)
  assert.equal(handle.fd, -1)
  handle.close()
})

test('there are none where they are denied, or are of another shape', () => {
  assert.equal(found(''), 'some')
  assert.equal(found('', '--permission', '--allow-fs-read=*'), 'none')
  assert.equal(found('delete process.binding'), 'none')
  assert.equal(
    found(
      'const { binding } = process; process.binding = name => ({ ...binding(name), streamBaseState: null })',
    ),
    'none',
  )
  assert.equal(
    found(
      "delete process.binding('tcp_wrap').TCP.prototype.__proto__.useUserBuffer; delete Object.getPrototypeOf(process.binding('tcp_wrap').TCP.prototype).useUserBuffer",
    ),
    'none',
  )
})
