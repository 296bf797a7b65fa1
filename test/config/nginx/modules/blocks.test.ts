import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkedByNginx } from '../../../support/nginx.ts'
import { without } from '../../../support/servers.ts'
import { problems } from '../reading.ts'

const skip = without('nginx')

const LINES = [
  'location = /a { location /a/b {} }',
  'location @a { location /b {} }',
  'location /a { location @b {} }',
  'location ~ a { location @a {} }',
  'location /a { location /b {} }',
  'location /a { location /ab {} }',
  'location /a { location /a {} location = /a {} }',
  'location ~ /a { location /a/b {} }',
  'location ~ /a { location ~ /b {} }',
  'location /a {} location /a {}',
  'location /a {} location ^~ /a {}',
  'location = /a {} location /a {}',
  'location = /a {} location = /a {}',
  'location ~ a {} location ~ a {}',
  'location @a {} location @a {}',
  'location x /a {}',
  'location =/a {} location ~a {} location ^~/b {} location ~*c {}',
  'location "" {} location a {} location = @a {}',
  'location {}',
  'location /a b c {}',
  'location / { limit_except FOO { deny all; } }',
  'location / { limit_except get { return 200; } }',
  'location / { limit_except get POST { } }',
  'location / { server_name x; }',
  'location / { listen 80; }',
  'server_name;',
]

test('what is wrong with locations and what is not, in the words of nginx', { skip }, t => {
  const [ours, theirs]: Record<string, string | null>[] = [{}, {}]
  for (const line of LINES) {
    ours![line] = problems(t, `server { ${line} }`)[0] ?? null
    theirs![line] = checkedByNginx(t, `server { ${line} }`)
  }
  assert.deepEqual(ours, theirs)
})
