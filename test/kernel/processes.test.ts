// Processes as they are seen in /proc: of this test's own making, so that all about them is known.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, realpathSync } from 'node:fs'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { listenerInodes } from '../../src/kernel/listeners.ts'
import {
  allProcesses,
  childrenOf,
  commandOf,
  folderOf,
  holdsSocket,
  processRow,
  variablesOf,
} from '../../src/kernel/processes.ts'

const skip = existsSync('/proc/self/stat') ? false : 'there is no /proc here'

test('a child is seen with its parent and its group, until it is gone', { skip }, async () => {
  // A name with a bracket and a space in it must not shift the fields behind it.
  const child = spawn('sh', ['-c', 'echo; read line'], { argv0: ') Z 1 (', detached: true })
  await once(child.stdout, 'data')
  const pid = child.pid as number
  const row = processRow(pid)
  assert.deepEqual([row?.pid, row?.parent, row?.group], [pid, process.pid, pid])
  assert.deepEqual(allProcesses()?.find(each => each.pid === pid)?.group, pid)
  assert.ok(childrenOf(process.pid)?.includes(pid), `${childrenOf(process.pid)} lacks ${pid}`)
  assert.deepEqual(childrenOf(pid), [])
  child.stdin.end()
  await once(child, 'close')
  assert.equal(processRow(pid), null)
  assert.equal(holdsSocket(pid, ['1']), false)
})

test('what a process was started with is seen: its words, its folder, and the variables that are asked for', {
  skip,
}, async () => {
  const env = { ONE: 'a=b', TWO: 'not asked for', EMPTY: '' }
  const child = spawn('/bin/sh', ['-c', 'echo; read line', '', 'a b'], { env, cwd: '/usr' })
  await once(child.stdout, 'data')
  const pid = child.pid as number
  assert.deepEqual(commandOf(pid).slice(0, 3), ['/bin/sh', '-c', 'echo; read line'])
  assert.equal(commandOf(pid).at(-1), 'a b')
  assert.deepEqual(variablesOf(pid, ['ONE', 'EMPTY', 'NONE']), { ONE: 'a=b', EMPTY: '' })
  assert.equal(realpathSync(folderOf(pid) as string), '/usr')
  child.stdin.end()
  await once(child, 'close')
  assert.deepEqual([commandOf(pid), variablesOf(pid, ['ONE']), folderOf(pid)], [[], null, null])
})

test('the holder of a listening socket is found by its inode', { skip }, async t => {
  const server = createServer()
  t.after(() => void server.close())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const inodes = await listenerInodes({
    host: '127.0.0.1',
    port: (server.address() as { port: number }).port,
  })
  assert.equal(inodes?.length, 1)
  assert.equal(holdsSocket(process.pid, inodes as string[]), true)
  assert.equal(holdsSocket(process.pid, ['1']), false)
  const child = spawn('sh', ['-c', 'echo; read line'])
  t.after(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  assert.equal(holdsSocket(child.pid as number, inodes as string[]), false, 'it was not handed down')
})
