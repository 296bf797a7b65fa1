// Settings that can be read and still hurt: each order of timeouts that is wrong, and none that is right.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge } from '../../src/config/judgement.ts'
import { resolveConfig } from '../../src/config/resolve.ts'

function findings(...argv: [flag: string, value: string][]): string[] {
  const flags = { upstream: ':8000', ...Object.fromEntries(argv) }
  const resolved = resolveConfig({ flags, env: {} })
  assert.ok('config' in resolved, JSON.stringify(resolved))
  return judge(resolved.config).map(({ evidence }) => evidence)
}

test('the defaults have nothing to mend, with any edge', () => {
  for (const edge of ['none', 'cloudflare', 'alb', 'heroku', 'fly', 'fastly', 'cloudfront']) {
    assert.deepEqual(findings(['edge', edge]), [], edge)
  }
})

for (const [argv, expected] of [
  [
    [
      ['worker-timeout', '120s'],
      ['drain-timeout', '3m'],
      ['edge', 'cloudflare'],
    ],
    ['--worker-timeout 120s, cloudflare waits 100s'],
  ],
  [
    [
      ['worker-timeout', '20s'],
      ['read-timeout', '20s'],
    ],
    ['--read-timeout 20s, --worker-timeout 20s'],
  ],
  [
    [
      ['worker-timeout', '20s'],
      ['read-timeout', '21s'],
    ],
    [],
  ],
  [
    [
      ['read-timeout', '2m'],
      ['edge', 'alb'],
    ],
    ['--read-timeout 120s, alb waits 60s'],
  ],
  [[['worker-timeout', '30s']], ['--drain-timeout 25s, --worker-timeout 30s']],
  [[['worker-timeout', '0']], []],
  [
    [
      ['keepalive-timeout', '65s'],
      ['edge', 'cloudflare'],
    ],
    ['--keepalive-timeout 65s, cloudflare keeps idle connections for 900s'],
  ],
  [[['keepalive-timeout', '65s']], []],
  [[['trusted-proxies', '0.0.0.0/0']], ['--trusted-proxies 0.0.0.0/0']],
  [[['trusted-proxies', 'private']], []],
  [[['trusted-proxies', '2000::/3']], ['--trusted-proxies 2000::/3']],
] as [[string, string][], string[]][]) {
  test(`${argv.map(([flag, value]) => `--${flag} ${value}`).join(' ')}: ${expected[0] ?? 'nothing to mend'}`, () => {
    assert.deepEqual(findings(...argv), expected)
  })
}
