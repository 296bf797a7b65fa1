// The program as people start it: its pages, its messages, its exit statuses.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../bin/shieldproxy.ts', import.meta.url))
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

interface Run {
  status: number | string
  stdout: string
  stderr: string
}

function run(args: string[], env: Record<string, string> = {}): Promise<Run> {
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [program, ...args],
      { env: { PATH: process.env.PATH, ...env } },
      (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : (error.code ?? error.signal ?? 'unknown'), stdout, stderr })
      },
    )
  })
}

test('--help prints the page to standard output', async () => {
  const { status, stdout, stderr } = await run(['--help'])
  assert.deepEqual([status, stderr], [0, ''])
  assert.match(stdout, new RegExp(`^shieldproxy ${version}: `))
})

test('--version prints the version of the package', async () => {
  assert.deepEqual(await run(['-v']), { status: 0, stdout: `shieldproxy ${version}\n`, stderr: '' })
})

test('-V says what it can read, in the words and the place that nginx has for it', async () => {
  const { status, stdout, stderr } = await run(['-V'])
  assert.deepEqual([status, stdout], [0, ''])
  assert.match(stderr, /^shieldproxy version: .*\nnginx version: nginx\/1\.\d+\.\d+\nbuilt with OpenSSL \d/)
  assert.match(stderr, /^configure arguments: --with-http_ssl_module .*--without-http_\w+_module$/m)
})

test('-t says that a configuration is valid', async () => {
  const { status, stdout } = await run(['-t'], { SHIELDPROXY_UPSTREAM: ':8000' })
  assert.deepEqual([status, stdout], [0, 'shieldproxy: the configuration is valid\n'])
})

test('-t says what is wrong with one', async () => {
  const { status, stdout, stderr } = await run(['-t', '-u', 'app', '--wrokers', '4'])
  assert.deepEqual([status, stdout], [2, ''])
  assert.match(
    stderr,
    /2 problems.*\n\n {2}--wrokers '4': is not an option; did you mean --workers\?\n {2}--upstream 'app': must be/,
  )
})

test('with nothing given it says how to begin', async () => {
  const { status, stderr } = await run([])
  assert.equal(status, 2)
  assert.match(
    stderr,
    /one problem .*\n\n {2}--upstream: must say where your app listens, as in shieldproxy --upstream :8000/,
  )
})

test('a reader that closes its end early breaks nothing', async () => {
  const child = spawn(process.execPath, [program, '--help', 'all'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', text => (stderr += text))
  const [status] = await once(child, 'close')
  assert.deepEqual([status, stderr], [0, ''])
})
