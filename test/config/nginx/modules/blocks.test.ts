import assert from 'node:assert/strict'
import { test } from 'node:test'
import { without } from '../../../support/servers.ts'
import { assertAsNginx, problems } from '../reading.ts'

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
  assertAsNginx(t, LINES, line => `server { ${line} }`)
})

// nginx since 1.31.5; the one beside it here takes them for paths.
test('locations that a variable decides on may hold any path, may be twice, and know only variables that there are', t => {
  assert.deepEqual(
    problems(t, 'server { location $arg_a { location /b {} location = /c {} location $arg_b {} } }'),
    [],
  )
  assert.deepEqual(
    problems(t, 'server { location $arg_a {} location $arg_a {} location /x { location $arg_a {} } }'),
    [],
  )
  assert.deepEqual(
    problems(t, 'server { location $arg_a { alias /srv; proxy_pass http://127.0.0.1:1/x; } }').length,
    1,
  )
  assert.deepEqual(problems(t, 'server { location = /a { location $arg_a {} } }'), [
    'location "$arg_a" cannot be inside the exact location "/a"',
  ])
})
