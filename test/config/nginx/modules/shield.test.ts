import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problems, siteOf } from '../reading.ts'

test('an upstream block’s own word on its workers holds for it', t => {
  const { groups } = siteOf(
    t,
    `shield_workers 9;
    upstream u {
      server 127.0.0.1;
      shield_workers 4; shield_queue_size 10; shield_queue_timeout 5s; shield_hold 1m;
      shield_worker_timeout 30s; shield_healthcheck /up /healthz;
    }
    server { location / { proxy_pass http://u; } }`,
  )
  assert.deepEqual(groups[0]!.shield, {
    workers: 4,
    queueSize: 10,
    queueTimeout: 5_000,
    hold: 60_000,
    workerTimeout: 30_000,
    healthchecks: ['/up', '/healthz'],
  })
})

test('elsewhere it holds for the groups that are passed on to from there', t => {
  const { groups, servers } = siteOf(
    t,
    `shield_workers 2;
    server {
      shield_hold 5s;
      location / { proxy_pass http://127.0.0.1:8000; }
      location /ws { shield_workers auto; proxy_pass http://127.0.0.1:9000; }
    }`,
  )
  const said = groups.map(({ name, shield }) => [name, shield.workers, shield.hold, shield.queueSize])
  assert.deepEqual(said, [
    ['127.0.0.1:8000', 2, 5_000, null],
    ['127.0.0.1:9000', 'auto', 5_000, null],
  ])
  assert.equal(servers[0]!.locations[1]!.settings.shieldWorkers, 'auto')
})

test('beside all blocks it holds wherever they say nothing, as with -g before a file that is not to be changed', t => {
  const { groups, servers } = siteOf(
    t,
    `shield_workers 3; shield_hold 0; shield_bare_lf on;
    http {
      shield_hold 5s;
      upstream u { server 127.0.0.1:7000; shield_workers 4; }
      server { location / { proxy_pass http://u; } location /b { proxy_pass http://127.0.0.1:8000; } }
    }`,
  )
  const said = groups.map(({ name, shield }) => [name, shield.workers, shield.hold])
  assert.deepEqual(said, [
    ['u', 4, 5_000],
    ['127.0.0.1:8000', 3, 5_000],
  ])
  assert.equal(servers[0]!.settings.shieldBareLf, true)
})

test('values that make no sense are told apart from those that do', t => {
  const wrong = {
    'shield_workers 0': '"0" in "shield_workers" directive, it must be a number from 1, or "auto"',
    'shield_workers many': '"many" in "shield_workers" directive, it must be a number from 1, or "auto"',
    'shield_hold soon': '"soon" in "shield_hold" directive, it must be a time such as 30s; 0 holds nothing',
    'shield_healthcheck up':
      '"up" in "shield_healthcheck" directive, it must be paths such as /healthz, or "off"',
  }
  for (const [line, problem] of Object.entries(wrong)) {
    assert.deepEqual(problems(t, `server { ${line}; }`), [`invalid value ${problem}`])
  }
  assert.deepEqual(
    siteOf(t, 'server { shield_healthcheck off; }').servers[0]!.settings.shieldHealthchecks,
    [],
  )
})

test('whether lines may end with LF alone is said of a server, and refused by default', t => {
  const { servers } = siteOf(
    t,
    'server { listen 81; } server { listen 82; shield_bare_lf on; } server { listen 83; shield_bare_lf off; }',
  )
  assert.deepEqual(
    servers.map(({ settings }) => settings.shieldBareLf),
    [false, true, false],
  )
  assert.deepEqual(problems(t, 'server { location / { shield_bare_lf on; } }').length, 1)
})
