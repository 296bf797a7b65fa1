// The outermost level and `events`: what is taken up, what has no effect and says why, what is refused.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readSite, type SiteRead } from '../../../../src/config/nginx/read-site.ts'

function read(t: TestContext, text: string, globals?: string): SiteRead & { lines: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'main-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'nginx.conf')
  writeFileSync(path, text)
  const site = readSite({ path, prefix: '/srv/prefix', ...(globals === undefined ? {} : { globals }) })
  return { ...site, lines: site.remarks.map(({ level, message, at }) => `${level} ${message} ${at?.line}`) }
}

test('pid is relative to the prefix; user has a group or none', t => {
  const { site } = read(t, 'user www-data;\npid run/a.pid;\nworker_shutdown_timeout 5s;\nevents {}\nhttp {}')
  assert.deepEqual(site?.main, {
    user: { name: 'www-data', group: null },
    pid: '/srv/prefix/run/a.pid',
    errorLog: [],
    debugged: [],
    workerShutdownTimeout: 5_000,
  })
  assert.deepEqual(read(t, 'user a b; events {}').site?.main.user, { name: 'a', group: 'b' })
})

test('a usual head of a whole file is read, and each line without effect says why', t => {
  const { site, lines } = read(
    t,
    'worker_processes auto;\nworker_rlimit_nofile 8192;\ndaemon off;\n' +
      'events { worker_connections 768; multi_accept on; use epoll; }\nhttp {}',
  )
  assert.notEqual(site, null)
  assert.deepEqual(
    lines.map(line => /^notice "(\w+)" has no effect: \S.* (\d)$/.exec(line)?.slice(1)),
    [
      ['worker_processes', '1'],
      ['worker_rlimit_nofile', '2'],
      ['worker_connections', '4'],
      ['multi_accept', '4'],
      ['use', '4'],
    ],
  )
})

test('-g stands before the file, which then says the same twice', t => {
  assert.equal(read(t, 'events {}', 'pid /a.pid;').site?.main.pid, '/a.pid')
  const { lines } = read(t, 'pid /b.pid; events {}', 'pid /a.pid;')
  assert.deepEqual(lines, ['emerg "pid" directive is duplicate 1'])
})

for (const [text, expected] of [
  [
    'daemon maybe; events {}',
    'emerg invalid value "maybe" in "daemon" directive, it must be "on" or "off" 1',
  ],
  ['daemon on; events {}', 'notice "daemon on" has no effect: the process stays in the foreground 1'],
  ['stream { server { listen 1; } }', /^emerg "stream" is not supported: only HTTP is proxied; .* 1$/],
  ['ssl_engine x; events {}', /^emerg "ssl_engine" is not supported: .* 1$/],
  ['pid; events {}', 'emerg invalid number of arguments in "pid" directive 1'],
  ['events { pid a; }', 'emerg "pid" directive is not allowed here 1'],
] as const) {
  test(text, t => {
    const [line] = read(t, text).lines
    if (typeof expected === 'string') assert.equal(line, expected)
    else assert.match(line ?? '', expected)
  })
}
