import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problems, read, siteOf } from './reading.ts'

const pass = (...urls: string[]): string =>
  `server { ${urls.map((url, i) => `location /${i} { proxy_pass ${url}; }`).join(' ')} }`

test('an address in a proxy_pass is a group of its own, once', t => {
  const { groups, servers } = siteOf(
    t,
    pass('http://a:8000', 'http://A:8000/x/', 'http://a', 'https://a', 'http://unix:/s:/x'),
  )
  assert.deepEqual(
    groups.map(({ name, named, servers: [server] }) => [name, named, server!.address]),
    [
      ['a:8000', false, { kind: 'tcp', host: 'a', port: 8000 }],
      ['a', false, { kind: 'tcp', host: 'a', port: 80 }],
      ['a:443', false, { kind: 'tcp', host: 'a', port: 443 }],
      ['unix:/s', false, { kind: 'unix', path: '/s' }],
    ],
  )
  const [first, second] = servers[0]!.locations.map(({ settings }) => settings.pass)
  assert.equal(first?.group, groups[0])
  assert.equal(second?.group, groups[0])
})

test('an upstream block is meant by its name, before it and after it, on either scheme', t => {
  const block = 'upstream app { server 127.0.0.1; }'
  const { groups, servers } = siteOf(t, `${pass('http://app', 'https://APP/x')} ${block}`)
  assert.deepEqual(
    groups.map(({ name }) => name),
    ['app'],
  )
  for (const { settings } of servers[0]!.locations) assert.equal(settings.pass?.group, groups[0])
})

test('an upstream block’s name takes no port', t => {
  const block = 'upstream app { server 127.0.0.1; }'
  assert.deepEqual(problems(t, `${block} ${pass('http://app:80')}`), ['upstream "app" may not have port 80'])
})

test('a limit_except passes on as the location around it does', t => {
  const { groups, servers } = siteOf(t, 'server { location / { proxy_pass http://a; limit_except GET {} } }')
  assert.equal(servers[0]!.locations[0]!.except?.settings.pass?.group, groups[0])
})

test('a block that is only meant by variables has what the first such place says of its workers', t => {
  const { groups } = siteOf(
    t,
    `upstream a { server 127.0.0.1; shield_workers 2; } upstream b { server 127.0.0.1; }
    server { location / { shield_hold 3s; proxy_pass http://$arg_a; } location /b { shield_hold 4s; proxy_pass http://b; } }`,
  )
  assert.deepEqual(
    groups.map(({ shield: { hold, workers } }) => [hold, workers]),
    [
      [3_000, 2],
      [4_000, null],
    ],
  )
})

test('two places that say different things of the same workers are told which word holds', t => {
  const { site, remarks } = read(
    t,
    `server {
      location / { shield_workers 2; proxy_pass http://a; }
      location /x { shield_workers 3; proxy_pass http://a/; }
    }`,
  )
  assert.equal(site?.groups[0]?.shield.workers, 2)
  assert.match(
    remarks[0]!.message,
    /requests to "a" share their workers, and the first word on them holds: workers is 2/,
  )
})
