// gunicorn's words as gunicorn itself would read them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunicornValues, readGunicornWords, splitWords } from '../../src/config/gunicorn.ts'

const none = { workers: null, threads: null, timeout: null, otherClass: null }
const cases: [line: string, expected: Partial<typeof none | Record<string, string>>][] = [
  ['', {}],
  ['-w 4', { workers: '4' }],
  ['-w4', { workers: '4' }],
  ['-w=4', { workers: '4' }],
  ['--workers 4', { workers: '4' }],
  ['--workers=4 --threads=2 -t 60', { workers: '4', threads: '2', timeout: '60' }],
  ['--timeout 0', { timeout: '0' }],
  ['-w 2 -w 3', { workers: '3' }],
  ["--bind '0.0.0.0:8000 -w 9' --workers '4'", { workers: '4' }],
  ['--access-logformat "%(h)s -t 5 \\"x\\"" -t 7', { timeout: '7' }],
  ['-n web -w 3', { workers: '3' }],
  ['-nw4', {}],
  ['-k gevent -w 4', { workers: '4', otherClass: 'gevent' }],
  ['-k gthread', {}],
  ['--worker-class=uvicorn.workers.UvicornWorker', { otherClass: 'uvicorn.workers.UvicornWorker' }],
  ['--worker-connections 100', {}],
  ['-w', {}],
  ['constructor', {}],
]
for (const [line, expected] of cases) {
  test(`the line ${JSON.stringify(line)}`, () =>
    assert.deepEqual(readGunicornWords(splitWords(line)), { ...none, ...expected }))
}

test('settings have gunicorn’s own names, and all addresses count', () => {
  const words = splitWords('-b :1 --keep-alive 5 --bind=:2 -c g.py --graceful-timeout=9 -k gevent -k sync')
  assert.deepEqual(Object.fromEntries(gunicornValues(words)), {
    bind: ':1,:2',
    keepalive: '5',
    config: 'g.py',
    graceful_timeout: '9',
    worker_class: 'sync',
  })
})

test('words are split as a shell would', () => {
  assert.deepEqual(splitWords(`  a  'b c'"d e"f\\ g '' "x\\"y\\z" `), ['a', 'b cd ef g', '', 'x"y\\z'])
})

test('a quote that is never closed is said so, with its beginning', () => {
  assert.throws(() => splitWords(`-w 4 --bind "a b`), {
    message: `has a quote that is never closed, from '"a b' on`,
  })
})
