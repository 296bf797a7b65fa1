import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkedByNginx } from '../../../support/nginx.ts'
import { without } from '../../../support/servers.ts'
import { problems } from '../reading.ts'

const skip = without('nginx')

const LINES = [
  'location / { internal on; }',
  'location / { internal; internal; }',
  'internal;',
  'absolute_redirect x;',
  'location / { merge_slashes off; }',
  'server_name_in_redirect on; server_name_in_redirect on;',
]

test('what is wrong and what is not, in the words of nginx', { skip }, t => {
  const [ours, theirs]: Record<string, string | null>[] = [{}, {}]
  for (const line of LINES) {
    ours![line] = problems(t, `server { ${line} }`)[0] ?? null
    theirs![line] = checkedByNginx(t, `server { ${line} }`)
  }
  assert.deepEqual(ours, theirs)
})
