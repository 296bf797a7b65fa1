import { test } from 'node:test'
import { without } from '../../../support/servers.ts'
import { assertAsNginx } from '../reading.ts'

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
  assertAsNginx(t, LINES, line => `server { ${line} }`)
})
