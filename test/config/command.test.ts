// Where gunicorn is found in a command, and which words are its own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunicornWords } from '../../src/config/command.ts'

const env = { N: '6', EMPTY: '' }
const cases: [command: string[], words: string[] | null][] = [
  [
    ['gunicorn', '-w', '4', 'app:app'],
    ['-w', '4', 'app:app'],
  ],
  [['/venv/bin/gunicorn', 'app:app'], ['app:app']],
  [['poetry', 'run', 'gunicorn', '-w4'], ['-w4']],
  [['python', '-m', 'gunicorn', '-w4'], ['-w4']],
  [['uvicorn', 'app:app'], null],
  [['sh'], null],
  [['sh', '-c'], null],
  [['sh', 'start.sh'], null],
  // No shell reads these words, so `$N` is what gunicorn gets.
  [
    ['gunicorn', '-w', '$N'],
    ['-w', '$N'],
  ],
  [
    ['sh', '-c', 'cd backend && exec gunicorn --config gunicorn.conf.py app.main:app'],
    ['--config', 'gunicorn.conf.py', 'app.main:app'],
  ],
  [
    ['bash', '-ec', "gunicorn -b '0.0.0.0:80 -w 9' -w $N; sleep 1"],
    ['-b', '0.0.0.0:80 -w 9', '-w', '6'],
  ],
  [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
    ['sh', '-c', 'gunicorn --workers=${N} -t ${T:-40} --threads ${EMPTY:-2} x&'],
    ['--workers=6', '-t', '40', '--threads', '2', 'x'],
  ],
  [
    ['sh', '-c', 'gunicorn -w $(nproc) 2>err | cat'],
    ['-w', '$(nproc)'],
  ],
  [
    ['sh', '-c', 'gunicorn -w 4 \\\n  -t 9 a:b\nother -w 5'],
    ['-w', '4', '-t', '9', 'a:b'],
  ],
  [
    ['sh', '-c', 'echo "it is\nopen"\ngunicorn -w 2'],
    ['-w', '2'],
  ],
]
for (const [command, words] of cases) {
  test(`in ${JSON.stringify(command)}`, () => assert.deepEqual(gunicornWords(command, env), words))
}
