// What nginx 1.22.1 says of the same lines was read off `nginx -t`.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problems, read, siteOf } from '../reading.ts'

const SERVER = 'server 127.0.0.1;'

/** A block's lines, and what is wrong with them. */
const WRONG: readonly (readonly [lines: string, problem: string])[] = [
  ['', 'no servers are inside upstream'],
  ['server 127.0.0.1 backup;', 'no servers in upstream "u"'],
  ['server 127.0.0.1:0;', 'invalid port in upstream "127.0.0.1:0"'],
  ['server [::1]:99999;', 'invalid port in upstream "[::1]:99999"'],
  ['server [::1;', 'invalid host in upstream "[::1"'],
  ['server 127.0.0.1:80/x;', 'invalid host in upstream "127.0.0.1:80/x"'],
  ['server http://127.0.0.1;', 'invalid host in upstream "http://127.0.0.1"'],
  ['server :80;', 'no host in upstream ":80"'],
  ['server unix:;', 'no path in the unix domain socket in upstream "unix:"'],
  ['server 127.0.0.1 weight=0;', 'invalid parameter "weight=0"'],
  ['server 127.0.0.1 weight=-1;', 'invalid parameter "weight=-1"'],
  ['server 127.0.0.1 foo;', 'invalid parameter "foo"'],
  ['server 127.0.0.1 fail_timeout=x;', 'invalid parameter "fail_timeout=x"'],
  ['ip_hash; server 127.0.0.1 backup;', 'balancing method does not support parameter "backup"'],
  [`${SERVER} hash $uri foo;`, 'invalid parameter "foo"'],
  [`${SERVER} random foo;`, 'invalid parameter "foo"'],
  [`${SERVER} random two foo;`, 'invalid parameter "foo"'],
  [`${SERVER} zone;`, 'invalid number of arguments in "zone" directive'],
  [`${SERVER} zone a 1k;`, 'zone "a" is too small'],
  [`${SERVER} zone a xx;`, 'invalid zone size "xx"'],
  [`${SERVER} zone "" 1m;`, 'invalid zone name ""'],
  [`${SERVER} keepalive x;`, 'invalid value "x" in "keepalive" directive'],
  [`${SERVER} keepalive 0;`, 'invalid value "0" in "keepalive" directive'],
  [`${SERVER} keepalive 1; keepalive 2;`, '"keepalive" directive is duplicate'],
]

test('a block that nginx refuses is refused in its words', t => {
  for (const [lines, problem] of WRONG)
    assert.deepEqual(problems(t, `upstream u { ${lines} }`), [problem], lines)
})

test('what only the commercial nginx has is refused with what to do instead, or has no effect', t => {
  for (const lines of ['sticky cookie a;', 'ntlm;', 'state /tmp/x;', 'least_time header;']) {
    assert.match(problems(t, `upstream u { ${SERVER} ${lines} }`)[0]!, /is not supported: .{20}/, lines)
  }
  const [said] = problems(t, 'upstream u { server a route=a; }')
  assert.match(said!, /invalid parameter "route=a": there is no "sticky"/)
  const { site, remarks } = read(
    t,
    'upstream u { server a:80 slow_start=30s resolve; keepalive 16; zone a 64k; }',
  )
  assert.equal(site?.groups.length, 1)
  assert.deepEqual(
    remarks.map(({ level, message }) => `${level} ${message.split(':')[0]}`),
    ['notice "slow_start" has no effect', 'notice "keepalive" has no effect', 'notice "zone" has no effect'],
  )
})

test('a service is asked for by a name alone, and again and again', t => {
  const { groups } = siteOf(t, 'upstream u { server app.test service=http resolve; server b; }')
  assert.deepEqual(
    groups[0]!.servers.map(({ service }) => service),
    ['http', null],
  )
  const wrong = (line: string) => problems(t, `upstream u { server ${line}; }`)
  const service = 'service upstream server'
  assert.deepEqual(wrong('a service=http'), [`${service} "a" requires "resolve" parameter`])
  assert.deepEqual(wrong('a:80 service=http resolve'), [`${service} "a:80" may not have port`])
  for (const address of ['192.0.2.1', '[::1]', 'unix:/s'])
    assert.deepEqual(wrong(`${address} service=http resolve`), [
      `${service} "${address}" requires domain name`,
    ])
  assert.deepEqual(wrong('a service= resolve'), ['invalid parameter "service="'])
})

test('a server has what its line says, and else what nginx takes for granted', t => {
  const { groups } = siteOf(
    t,
    `upstream u {
      server 127.0.0.1:8000 weight=3 max_conns=4 max_fails=2 fail_timeout=1m;
      server app;
      server [::1]:81 backup;
      server unix:/run/app.sock down max_fails=0;
    }`,
  )
  assert.equal(groups[0]!.named, true)
  const servers = groups[0]!.servers.map(({ at: _, ...server }) => server)
  const usual = {
    weight: 1,
    maxConns: 0,
    maxFails: 1,
    failTimeout: 10_000,
    backup: false,
    down: false,
    resolve: false,
    service: null,
  }
  assert.deepEqual(servers, [
    {
      ...usual,
      name: '127.0.0.1:8000',
      address: { kind: 'tcp', host: '127.0.0.1', port: 8000 },
      weight: 3,
      maxConns: 4,
      maxFails: 2,
      failTimeout: 60_000,
    },
    { ...usual, name: 'app', address: { kind: 'tcp', host: 'app', port: 80 } },
    { ...usual, name: '[::1]:81', address: { kind: 'tcp', host: '::1', port: 81 }, backup: true },
    {
      ...usual,
      name: 'unix:/run/app.sock',
      address: { kind: 'unix', path: '/run/app.sock' },
      maxFails: 0,
      down: true,
    },
  ])
})

test('the method is the last that is named, and a second one is worth a warning', t => {
  const methods = {
    '': { by: 'round robin' },
    'least_conn;': { by: 'least conn' },
    'ip_hash;': { by: 'ip hash' },
    'random;': { by: 'random', two: false },
    'random two least_conn;': { by: 'random', two: true },
  }
  for (const [line, balance] of Object.entries(methods)) {
    assert.deepEqual(siteOf(t, `upstream u { ${line} ${SERVER} }`).groups[0]!.balance, balance, line)
  }
  const { balance } = siteOf(t, `upstream u { hash $request_uri consistent; ${SERVER} }`).groups[0]!
  assert.equal(balance.by === 'hash' && balance.consistent && balance.key.text, '$request_uri')
  const { remarks } = read(t, `upstream u { ip_hash; ${SERVER} least_conn; }`)
  assert.deepEqual(
    remarks.map(({ level, message }) => `${level}: ${message}`),
    ['warn: load balancing method redefined'],
  )
})

test('the commercial queue is the queue that every group has', t => {
  const { groups } = siteOf(t, `upstream u { ${SERVER} queue 20 timeout=5s; }`)
  const { queueSize, queueTimeout } = groups[0]!.shield
  assert.deepEqual({ queueSize, queueTimeout }, { queueSize: 20, queueTimeout: 5_000 })
})

test('a second block of the same name is one too many, whatever the case of its letters', t => {
  assert.deepEqual(problems(t, `upstream u { ${SERVER} } upstream U { ${SERVER} }`), [
    'duplicate upstream "U"',
  ])
})
