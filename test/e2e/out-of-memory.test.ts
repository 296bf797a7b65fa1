// A worker that the kernel kills for want of memory, in a control group of its own with a limit. It takes a group that
// may be divided: TEST_CGROUP names its folder, below which processes may be moved and limited.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunicorn, startApp } from '../support/run-app.ts'
import { without } from '../support/servers.ts'

const parent = process.env.TEST_CGROUP
const skip =
  without('gunicorn') ||
  (parent === undefined ? 'TEST_CGROUP names no control group that tests may divide' : false)

/** A new group with so much memory and no swap, under version 1 or 2. */
function limited(megabytes: number): string {
  const folder = join(parent!, `shieldproxy-test-${process.pid}`)
  mkdirSync(folder)
  const bytes = String(megabytes * 2 ** 20)
  const [limit, swap] = ['memory.max', 'memory.swap.max'].map(name => join(folder, name))
  if (existsSync(limit!)) {
    writeFileSync(limit!, bytes)
    if (existsSync(swap!)) writeFileSync(swap!, '0')
  } else writeFileSync(join(folder, 'memory.limit_in_bytes'), bytes)
  return folder
}

test('the kernel kills a worker for want of memory: its counter is evidence, and the advice follows', {
  skip,
}, async t => {
  const folder = limited(400)
  const started = startApp(t, {
    command: port => gunicorn('-w', '2', '-b', `127.0.0.1:${port}`),
    under: ['sh', '-c', 'echo $$ >"$0/cgroup.procs" && exec "$@"', folder],
  })
  // A group can go when its last process has: those are ended by the hooks before this one.
  const { shield } = await started.finally(() => t.after(() => rmdirSync(folder)))
  const client = (await shield.connect()).request('POST', '/greedy?mb=2000', 'Content-Length: 0')
  assert.equal((await client.answer()).status, 502)
  const lost = await shield.logLine(({ msg }) => msg === 'worker lost', 'the certificate')
  assert.equal(lost.cause, 'killed', JSON.stringify(lost))
  assert.match(lost.evidence.join('; '), /for want of memory at about that time, in the control group/)
  assert.match(lost.advice, /the kernel’s OOM killer ended the worker/)
})
