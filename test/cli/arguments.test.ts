// The command line's words become flags and modes, and every value stays the text that was written.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Arguments, readArguments } from '../../src/cli/arguments.ts'

const nothing: Arguments = {
  flags: {},
  words: [],
  command: [],
  help: null,
  version: false,
  build: false,
  test: false,
  dump: false,
  quiet: false,
  signal: null,
  printNginx: false,
}
const cases: [argv: string[], expected: Partial<Arguments>][] = [
  [[], {}],
  [['--upstream', ':8000'], { flags: { upstream: ':8000' } }],
  [['-u:8000', '-w4'], { flags: { upstream: ':8000', workers: '4' } }],
  [['-u=:8000'], { flags: { upstream: ':8000' } }],
  [['-u', ':1', '--upstream=:2'], { flags: { upstream: [':1', ':2'] } }],
  [['--workers', '08'], { flags: { workers: '08' } }],
  [['--workers', '-1'], { flags: { workers: '-1' } }],
  [['--workers', '1e3'], { flags: { workers: '1e3' } }],
  [['--workers'], { flags: { workers: '' } }],
  [['--demo'], { flags: { demo: '' } }],
  [['--demo=off'], { flags: { demo: 'off' } }],
  [['--no-demo'], { flags: { 'no-demo': true } }],
  [['--a.b', 'c'], { flags: { 'a.b': 'c' } }],
  [['-t', '-u', ':8000'], { flags: { upstream: ':8000' }, test: true }],
  [['-tu', ':8000'], { flags: { upstream: ':8000' }, test: true }],
  [['-tqc', 'a.conf'], { flags: { config: 'a.conf' }, test: true, quiet: true }],
  [['-T', '-p', '/x/'], { flags: { prefix: '/x/' }, test: true, dump: true }],
  [
    ['-e', 'error.log', '-g', 'pid a; user b;'],
    { flags: { 'error-log': 'error.log', directives: 'pid a; user b;' } },
  ],
  [['-s', 'quit'], { signal: 'quit' }],
  [['--print-nginx', '-u', ':1'], { flags: { upstream: ':1' }, printNginx: true }],
  [['-h'], { help: '' }],
  [['--help', 'all'], { help: 'all' }],
  [['--help', '-t'], { help: '', test: true }],
  [['-v'], { version: true }],
  [['--version'], { version: true }],
  [['-V'], { build: true }],
  [['top', '8000'], { words: ['top', '8000'] }],
  [
    ['-u', ':8000', '--', 'gunicorn', '-w', '4'],
    { flags: { upstream: ':8000' }, command: ['gunicorn', '-w', '4'] },
  ],
]
for (const [argv, expected] of cases) {
  test(`shieldproxy ${argv.join(' ')}`, async () => {
    assert.deepEqual({ ...readArguments(argv) }, { ...nothing, ...expected })
  })
}
