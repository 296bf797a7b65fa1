// The kernel's counters of what it killed for want of memory, in the forms in which versions 1 and 2 show them.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { oomKills } from '../../src/kernel/oom-kills.ts'
import { temporaryFolder } from '../support/owner.ts'

function root(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

const events = (kills: number) =>
  `low 0\nhigh 0\nmax 12\noom ${kills + 1}\noom_kill ${kills}\noom_group_kill 9\n`
const control = (kills: number) => `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}\n`
const vmstat = 'pgfault 1\noom_kill 7\nnuma_hit 3\n'

for (const [name, files, expected] of [
  [
    'version 2, seen by its path',
    { 'proc/self/cgroup': '0::/app/web\n', 'sys/fs/cgroup/app/web/memory.events': events(3) },
    { group: 3, machine: null },
  ],
  [
    'version 2, in a container of its own',
    { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/memory.events': events(2), 'proc/vmstat': vmstat },
    { group: 2, machine: 7 },
  ],
  [
    'version 1 under the host’s path, of which the container sees the group alone',
    {
      'proc/self/cgroup': '5:cpu,cpuacct:/docker/1f\n4:memory:/docker/1f\n0::/\n',
      'sys/fs/cgroup/memory/memory.oom_control': control(1),
    },
    { group: 1, machine: null },
  ],
  [
    'version 1 by its path',
    {
      'proc/self/cgroup': '4:memory:/a\n0::/\n',
      'sys/fs/cgroup/memory/a/memory.oom_control': control(4),
      'sys/fs/cgroup/memory/memory.oom_control': control(0),
    },
    { group: 4, machine: null },
  ],
  [
    'a kernel that counts no kills there',
    { 'proc/self/cgroup': '4:memory:/a\n', 'sys/fs/cgroup/memory/a/memory.oom_control': 'under_oom 0\n' },
    { group: null, machine: null },
  ],
  ['no /proc at all', {}, { group: null, machine: null }],
] as const) {
  test(`${name}: ${JSON.stringify(expected)}`, t => {
    assert.deepEqual(oomKills(root(t, files)), expected)
  })
}

test('this machine’s own can be read', {
  skip: existsSync('/proc/vmstat') ? false : 'there is no /proc here',
}, () => {
  const { machine } = oomKills()
  assert.ok(machine !== null && machine >= 0, String(machine))
})
