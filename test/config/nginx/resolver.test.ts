import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problems, siteOf } from './reading.ts'

// Read off `nginx -t` 1.22.1, but for ipv4=off, which is newer.
const WRONG: Readonly<Record<string, string>> = {
  'valid=10s': 'no name servers defined',
  '127.0.0.1 valid=x': 'invalid parameter: valid=x',
  '127.0.0.1 ipv6=maybe': 'invalid parameter: ipv6=maybe',
  '127.0.0.1:99999': 'invalid port in resolver "127.0.0.1:99999"',
  '[::1': 'invalid host in resolver "[::1"',
  '127.0.0.1 ipv4=off ipv6=off': '"ipv4" and "ipv6" cannot both be "off"',
}

test('what nginx refuses is refused in its words', t => {
  for (const [words, problem] of Object.entries(WRONG))
    assert.deepEqual(problems(t, `resolver ${words};`), [problem], words)
})

test('it holds where it stands and within, and in an upstream block for that', t => {
  const { servers, groups } = siteOf(
    t,
    `resolver 127.0.0.11 [::1]:5353 valid=30s ipv6=off;
    upstream a { resolver kube-dns.kube-system; server app; }
    server { location / { resolver 10.0.0.1; } }`,
  )
  assert.deepEqual(servers[0]!.settings.resolver, ['127.0.0.11', '[::1]:5353', 'valid=30s', 'ipv6=off'])
  assert.deepEqual(servers[0]!.locations[0]!.settings.resolver, ['10.0.0.1'])
  assert.deepEqual(groups[0]!.resolver, ['kube-dns.kube-system'])
})

test('how long a name may take stands beside the name servers of each place', t => {
  const { servers, groups } = siteOf(
    t,
    `resolver 10.0.0.1; resolver_timeout 5s;
    upstream own { resolver 10.0.0.2; resolver_timeout 2s; server app; }
    upstream asked { server app resolve; server 10.0.0.9; }
    upstream system { server app; }
    server { location / { resolver_timeout 1s; } }`,
  )
  assert.equal(servers[0]!.settings.resolverTimeout, 5_000)
  assert.equal(servers[0]!.locations[0]!.settings.resolverTimeout, 1_000)
  assert.deepEqual(
    groups.map(({ name, resolver, servers }) => [name, resolver, servers.map(({ resolve }) => resolve)]),
    [
      ['own', ['10.0.0.2', 'timeout=2000ms'], [true]],
      ['asked', ['10.0.0.1', 'timeout=5000ms'], [true, false]],
      ['system', [], [false]],
    ],
  )
})

test('a name may be looked up again at once, as far as nginx is concerned', t => {
  assert.deepEqual(problems(t, 'resolver 127.0.0.1 valid=0; server { }'), [])
})
