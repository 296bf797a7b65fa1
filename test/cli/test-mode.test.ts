// `-t`, `-T` and `-q` with a file: nginx's words under our name, all problems, nothing started.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { main } from '../../src/cli/main.ts'
import { FakeIo } from './fakes.ts'

const GOOD = 'server { listen 127.0.0.1:8081; location / { proxy_pass http://127.0.0.1:8000; } }\n'

function fileOf(t: TestContext, text: string, name = 'a.conf'): string {
  const folder = mkdtempSync(join(tmpdir(), 'test-mode-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, name), text, 'latin1')
  return join(folder, name)
}

async function run(...argv: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const io = new FakeIo()
  const status = await main(argv, {}, io)
  return { status, stdout: io.stdout.text, stderr: io.stderr.text }
}

test('-t says that all is well', async t => {
  const file = fileOf(t, GOOD)
  assert.deepEqual(await run('-t', '-c', file), {
    status: 0,
    stdout: '',
    stderr:
      `shieldproxy: the configuration file ${file} syntax is ok\n` +
      `shieldproxy: configuration file ${file} test is successful\n`,
  })
})

test('-q leaves only what is wrong', async t => {
  assert.deepEqual(await run('-tqc', fileOf(t, `${GOOD}proxy_temp_path /x;`)), {
    status: 0,
    stdout: '',
    stderr: '',
  })
})

test('-t tells all problems of flags and file, each on a line', async t => {
  const file = fileOf(t, `server {\n  listen 127.0.0.1:8081;\n  proxy_pas x;\n  root;\n  bogus;\n}`)
  const { status, stderr } = await run('-t', '-c', file, '--workers', 'many')
  assert.equal(status, 2)
  const lines = stderr.trim().split('\n')
  assert.match(lines[0]!, /^shieldproxy: \[emerg\] --workers 'many': must be /)
  assert.ok(lines.includes(`shieldproxy: [emerg] unknown directive "bogus" in ${file}:5`), stderr)
  assert.match(stderr, /unknown directive "proxy_pas" \(did you mean "proxy_pass"\?\) in \S+:3\n/)
  assert.equal(lines.at(-1), `shieldproxy: configuration file ${file} test failed`)
})

test('a folder for a cache that cannot be is told with its place, but for who only sends a signal', async t => {
  const file = fileOf(t, GOOD)
  const cached = fileOf(
    t,
    `pid ${file};\nhttp {\n  proxy_cache_path ${file}/a keys_zone=a:1m;\n  ${GOOD} }\nevents { }`,
  )
  const { status, stderr } = await run('-tq', '-c', cached)
  assert.equal(status, 2)
  assert.match(
    stderr,
    /^shieldproxy: \[emerg\] mkdir\(\) "\S+\/a" failed \(20: Not a directory\); have it be .* in \S+:3\n/,
  )
  const signal = await run('-s', 'quit', '-c', cached)
  assert.match(signal.stderr, /invalid PID number/)
})

test('a file that is not there', async () => {
  const { status, stderr } = await run('-t', '-c', '/nowhere/a.conf')
  assert.equal(status, 2)
  assert.equal(
    stderr,
    'shieldproxy: [emerg] open() "/nowhere/a.conf" failed (2: No such file or directory) in /nowhere/a.conf\n' +
      'shieldproxy: configuration file /nowhere/a.conf test failed\n',
  )
})

test('-T prints every file as it is, and what is in force beside it', async t => {
  const text = `# caf\xe9\n${GOOD}`
  const file = fileOf(t, text)
  const { status, stdout } = await run('-Tc', file, '--queue-timeout', '7s')
  assert.equal(status, 0)
  // Of the settings nothing stands behind the file: what does is taken for its text, as with nginx.
  const [before = '', dumped = ''] = stdout.split(`# configuration file ${file}:\n`)
  assert.match(dumped, /^# caf/)
  assert.ok(dumped.endsWith(`${GOOD}\n`), dumped)
  assert.match(before, /^(?:#.*\n)+$/)
  assert.match(stdout, /\n#\s+--queue-timeout 7s\s+\(--queue-timeout\)\n/)
  assert.match(stdout, /\n#\s+--queue-size 1024\n/)
})

test('a file that is included twice is printed once; one that is missing is told by its full path', async t => {
  const file = fileOf(t, 'http { include more.conf; include more.conf; }\n')
  const folder = join(file, '..')
  const more = join(folder, 'more.conf')
  const asked = ['-T', '-p', folder, '-c', 'a.conf']
  assert.match((await run(...asked)).stderr, new RegExp(`configuration file ${file} test failed\n`))
  writeFileSync(more, '# more\n')
  const { stdout } = await run(...asked)
  assert.equal(stdout.split(`# configuration file ${more}:`).length, 2, stdout)
})

test('with -p the file’s own path is relative to the prefix', async t => {
  const file = fileOf(t, GOOD, 'nginx.conf')
  const { status, stderr } = await run('-t', '-p', `${join(file, '..')}/`, '-c', 'nginx.conf')
  assert.equal(status, 0)
  assert.match(stderr, new RegExp(`the configuration file ${file} syntax is ok`))
})

test('a start with a broken file says why and starts nothing', async t => {
  const file = fileOf(t, 'server { bogus; }')
  const { status, stderr } = await run('-c', file)
  assert.equal(status, 2)
  assert.equal(stderr, `shieldproxy: [emerg] unknown directive "bogus" in ${file}:1\n`)
})

test('what is wrong with a file that is included twice is told once, and of the command line no line is named', async t => {
  const part = fileOf(t, 'gzip on;\n;', 'part.inc')
  const file = fileOf(t, `http {\n  include ${part};\n  include ${part};\n}\nevents { }`)
  const { stderr } = await run('-t', '-c', file, '-g', 'bogus 1;')
  assert.equal(stderr.split(`[emerg] unexpected ";" in ${part}:2\n`).length, 2, stderr)
  assert.ok(stderr.includes('[emerg] unknown directive "bogus" in command line\n'), stderr)
})
