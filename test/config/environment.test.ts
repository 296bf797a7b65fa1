// Which variables are ours, which are left alone, and what the platform's stand for.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AllGiven, readEnvironment, readPlatform } from '../../src/config/environment.ts'
import { environmentName } from '../../src/config/option.ts'
import { OPTIONS } from '../../src/config/options.ts'
import type { Problem } from '../../src/config/reading.ts'

function read(env: NodeJS.ProcessEnv): { given: AllGiven; problems: Problem[] } {
  const problems: Problem[] = []
  return { given: readEnvironment(env, problems), problems }
}

function platform(env: NodeJS.ProcessEnv, given: AllGiven = {}): { given: AllGiven; problems: Problem[] } {
  const problems: Problem[] = []
  readPlatform(env, [], given, problems)
  return { given, problems }
}

for (const option of OPTIONS) {
  test(`--${option.name} has a variable that is read`, () => {
    const name = environmentName(option)
    assert.match(name, /^SHIELDPROXY_[A-Z_]+$/)
    assert.deepEqual(read({ [name]: 'x' }), {
      given: { [option.name]: { where: `$${name}`, texts: ['x'] } },
      problems: [],
    })
  })
}

test('lists are parted by commas or white space', () => {
  const { given } = read({ SHIELDPROXY_UPSTREAM: ' :8000, :8001\n:8002 ', SHIELDPROXY_SPOOL_DIR: '/a b,c' })
  assert.deepEqual(given.upstream?.texts, [':8000', ':8001', ':8002'])
  assert.deepEqual(given['spool-dir']?.texts, ['/a b,c'])
})

test('an empty variable counts as not set', () => {
  assert.deepEqual(read({ SHIELDPROXY_WORKERS: '', SHIELDPROXY_HOLD: '  ', SHIELDPROXY_NO_SUCH: '' }), {
    given: {},
    problems: [],
  })
})

for (const name of [
  'SHIELDPROXY_PORT',
  'SHIELDPROXY_PORT_8080_TCP',
  'SHIELDPROXY_PORT_8080_TCP_ADDR',
  'SHIELDPROXY_SERVICE_HOST',
  'SHIELDPROXY_SERVICE_PORT_HTTP',
  'SHIELDPROXY_ADMIN_SERVICE_HOST',
  'SHIELDPROXY_ADMIN_SERVICE_PORT',
  'SHIELDPROXY_ADMIN_PORT',
  'SHIELDPROXY_ADMIN_PORT_9180_TCP_PROTO',
  'SHIELDPROX',
  'MY_SHIELDPROXY_WORKERS',
]) {
  test(`${name} is not ours`, () => {
    assert.deepEqual(read({ [name]: 'tcp://10.0.0.1:8080' }), { given: {}, problems: [] })
  })
}

test('a name that is no option is a problem, with the nearest one', () => {
  assert.deepEqual(read({ SHIELDPROXY_QUEUESIZE: '9', SHIELDPROXY_ZZZZ: '1' }).problems, [
    {
      where: '$SHIELDPROXY_QUEUESIZE',
      value: '9',
      allowed: 'is not an option; did you mean $SHIELDPROXY_QUEUE_SIZE?',
    },
    {
      where: '$SHIELDPROXY_ZZZZ',
      value: '1',
      allowed: 'is not an option; shieldproxy --help all lists them',
    },
  ])
})

const auto = { where: 'auto', texts: ['auto'] }
const platforms: [env: NodeJS.ProcessEnv, expected: AllGiven][] = [
  [{}, { workers: auto }],
  [{ PORT: '3000' }, { listen: { where: '$PORT', texts: [':3000'] }, workers: auto }],
  [{ PORT: '' }, { workers: auto }],
  [{ WEB_CONCURRENCY: '3' }, { workers: { where: '$WEB_CONCURRENCY', texts: ['3'] } }],
  [{ WEB_CONCURRENCY: 'auto' }, { workers: { where: '$WEB_CONCURRENCY', texts: ['auto'] } }],
  [
    { WEB_CONCURRENCY: '3', GUNICORN_CMD_ARGS: '--threads 4' },
    { workers: { where: '$WEB_CONCURRENCY', texts: ['12'], whole: true } },
  ],
  [
    { WEB_CONCURRENCY: '3', GUNICORN_CMD_ARGS: '-w 2 -t 90', GUNICORN_TIMEOUT: '45' },
    {
      workers: { where: '$GUNICORN_CMD_ARGS', texts: ['2'] },
      'worker-timeout': { where: '$GUNICORN_CMD_ARGS', texts: ['90'] },
    },
  ],
  [{ GUNICORN_CMD_ARGS: '--threads 4' }, { workers: auto }],
  [{ GUNICORN_CMD_ARGS: '-k gevent -w 4' }, { workers: auto }],
  [
    { GUNICORN_TIMEOUT: '45' },
    { workers: auto, 'worker-timeout': { where: '$GUNICORN_TIMEOUT', texts: ['45'] } },
  ],
]
for (const [env, expected] of platforms) {
  test(`the platform's ${JSON.stringify(env)}`, () =>
    assert.deepEqual(platform(env), { given: expected, problems: [] }))
}

test('what is given counts before the platform, and then the platform may say anything', () => {
  const given: AllGiven = {
    listen: { where: '--listen', texts: [':1'] },
    workers: { where: '--workers', texts: ['1'] },
    'worker-timeout': { where: '--worker-timeout', texts: ['1'] },
  }
  const env = {
    PORT: 'nonsense',
    WEB_CONCURRENCY: 'nonsense',
    GUNICORN_CMD_ARGS: '"',
    GUNICORN_TIMEOUT: 'nonsense',
  }
  assert.deepEqual(platform(env, { ...given }), { given, problems: [] })
})

test('what the platform says wrongly is a problem where it stands', () => {
  const { problems } = platform({ PORT: 'http', GUNICORN_CMD_ARGS: '-w 2 --threads x' })
  assert.deepEqual(problems, [
    {
      where: '$PORT',
      value: 'http',
      allowed: 'must be a port number; or say --listen, which counts before it',
    },
    { where: '$GUNICORN_CMD_ARGS', value: 'x', allowed: 'must have a whole number from 1 on for --threads' },
  ])
  assert.match(platform({ GUNICORN_CMD_ARGS: '-w "2' }).problems[0]?.allowed ?? '', /never closed/)
})
