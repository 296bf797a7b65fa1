import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everySetting } from '../../../src/config/nginx/every-setting.ts'
import { siteOf } from './read-text.ts'

test('every place of a site is visited once', () => {
  const { servers } = siteOf(`server { auth_delay 1;
    if ($a) { set $b 1; }
    location / { auth_delay 2;
      if ($a) { error_page 404 /x; }
      location /in { auth_delay 3; limit_except GET { deny all; } } } }
    server { auth_delay 4; }`)
  const delays = [...everySetting(servers)].map(({ authDelay }) => authDelay / 1_000)
  assert.deepEqual(delays.sort(), [1, 1, 2, 2, 3, 3, 4])
})
