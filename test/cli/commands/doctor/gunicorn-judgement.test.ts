// What the doctor makes of gunicorn's settings, read by gunicorn itself where it is installed, and without it.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { judgeGunicorn } from '../../../../src/cli/commands/doctor/gunicorn-judgement.ts'
import { readGunicornSettings } from '../../../../src/cli/commands/doctor/gunicorn-settings.ts'
import { resolveConfig } from '../../../../src/config/resolve.ts'
import { temporaryFolder } from '../../../support/owner.ts'
import { without } from '../../../support/servers.ts'

const HOOK = 'def worker_abort(worker):\n    pass\n'
const GOOD = `workers = 2\ntimeout = 60\ngraceful_timeout = 60\n${HOOK}`

async function judged(t: TestContext, text: string, env: NodeJS.ProcessEnv, ...argv: string[]) {
  const file = join(temporaryFolder(t), 'gunicorn.conf.py')
  writeFileSync(file, text)
  const flags = Object.fromEntries(argv.map(pair => pair.split('=')))
  const resolved = resolveConfig({ flags: { upstream: ':8000', ...flags }, env: {} })
  assert.ok('config' in resolved, JSON.stringify(resolved))
  const settings = await readGunicornSettings(file, env)
  return { from: settings.from, findings: judgeGunicorn(settings, resolved.config).map(x => x.evidence) }
}

const cases: [name: string, text: string, argv: string[], expected: RegExp | null][] = [
  ['a good file', GOOD, ['workers=2', 'worker-timeout=60s', 'drain-timeout=60s'], null],
  ['no limit', GOOD.replace('timeout = 60', 'timeout = 0'), [], /^timeout = 0, by /],
  ['a long limit', GOOD.replaceAll('60', '300'), [], /^timeout = 300, by /],
  [
    'a shorter grace',
    GOOD.replace('graceful_timeout = 60', 'graceful_timeout = 10'),
    [],
    /^graceful_timeout = 10, by .*; timeout = 60/,
  ],
  ['a preloaded app', `${GOOD}preload_app = True\n`, [], /^preload_app = True/],
  ['no hook', GOOD.replace(HOOK, ''), [], /^no worker_abort hook/],
  ['too many slots', GOOD, ['workers=8'], /^--workers: 8; workers = 2, by .* × threads = 1/],
  ['a single worker', GOOD.replace('workers = 2', 'workers = 1'), [], /^workers = 1, by .* × threads = 1/],
  [
    'a limit on a class that has none',
    `${GOOD}worker_class = 'uvicorn.workers.UvicornWorker'\n`,
    ['workers=2'],
    /^--workers 2; worker_class = uvicorn/,
  ],
  ['a port that all can reach', `${GOOD}bind = '0.0.0.0:8000'\n`, [], /^bind = 0\.0\.0\.0:8000, by /],
  ['any address', `${GOOD}bind = ':8000'\n`, [], /^bind = :8000, by /],
  [
    'a port that the shield on another machine must reach',
    `${GOOD}bind = '0.0.0.0:8000'\n`,
    ['upstream=app:8000', 'worker-timeout=60s'],
    null,
  ],
  [
    'a log that nobody hears',
    `${GOOD}errorlog = '/tmp/gunicorn.log'\n`,
    [],
    /^errorlog = \/tmp\/gunicorn\.log/,
  ],
  ['a log with a configuration of its own', `${GOOD}errorlog = '/tmp/g.log'\nsyslog = True\n`, [], null],
  ['a log that is silent', `${GOOD}loglevel = 'critical'\n`, [], /^loglevel = critical/],
  ['another worker timeout', GOOD, ['worker-timeout=30s'], /^--worker-timeout 30 s; timeout = 60/],
  ['an impatient edge', GOOD, ['edge=heroku'], /^timeout = 60, by .*; heroku waits 30 s/],
  ['believing everybody', `${GOOD}forwarded_allow_ips = '*'\n`, [], /^forwarded_allow_ips = .*\*/],
]

for (const [name, text, argv, expected] of cases) {
  for (const by of ['gunicorn --print-config', 'the file'] as const) {
    const skip = by === 'the file' ? false : without('gunicorn')
    test(`${name}, read by ${by}`, { skip }, async t => {
      const env = by === 'the file' ? { PATH: '/nowhere' } : { PATH: process.env.PATH }
      const { from, findings } = await judged(t, text, env, ...argv)
      assert.equal(from, by)
      if (expected === null) assert.deepEqual(findings, [])
      else
        assert.ok(
          findings.some(evidence => expected.test(evidence)),
          findings.join('\n'),
        )
    })
  }
}

test('a file that cannot be read is said to be so', async () => {
  await assert.rejects(readGunicornSettings('/nowhere/gunicorn.conf.py', {}), /cannot be read \(ENOENT\)/)
})
