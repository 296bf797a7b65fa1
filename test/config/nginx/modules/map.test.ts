import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkedByNginx } from '../../../support/nginx.ts'
import { temporaryFolder } from '../../../support/owner.ts'
import { without } from '../../../support/servers.ts'
import { siteOf } from '../../../support/visit.ts'
import { problems, read } from '../reading.ts'

const SERVER = 'server { listen 127.0.0.1:8080; }'

test('a map with all that may stand in one', t => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'more.conf'), 'Included yes;\n')
  const site = siteOf(
    t,
    `events {} http { map $HTTP_Host$uri $Name {
      hostnames; volatile; default "d $uri"; include more.conf;
      *.example.org left; \\default escaped; \\\\~x tilde; "~*^/(?<a>x{1,2})$" $a; '' empty;
    } ${SERVER} }`,
    folder,
  )
  const [map] = site.variables
  assert.ok(map?.kind === 'map')
  const { variable, source, hostnames, volatile, fallback, entries } = map
  assert.deepEqual(
    { variable, source: source.text, hostnames, volatile, fallback: fallback?.text },
    {
      variable: 'name',
      source: '$HTTP_Host$uri',
      hostnames: true,
      volatile: true,
      fallback: 'd $uri',
    },
  )
  assert.deepEqual(
    entries.map(({ key, value, escaped }) => [key, value.text, escaped]),
    [
      ['Included', 'yes', false],
      ['*.example.org', 'left', false],
      ['default', 'escaped', true],
      ['~x', 'tilde', true],
      ['~*^/(?<a>x{1,2})$', '$a', false],
      ['', 'empty', false],
    ],
  )
})

/** What is wrong, in nginx's words; null: it takes it. */
const CASES: readonly (readonly [string, string | null])[] = [
  ['map $uri x { a b; }', 'invalid variable name "x"'],
  ['map $uri { a b; }', 'invalid number of arguments in "map" directive'],
  ['map $uri $x { a b c; }', 'invalid number of the map parameters'],
  ['map $uri $x { a; }', 'invalid number of the map parameters'],
  ['map $uri $x { default 1; default 2; }', 'duplicate default map parameter'],
  ['map $uri $x { a 1; A 2; }', 'conflicting parameter "a"'],
  ['map $uri $x { hostnames; a.*.b 1; }', 'invalid hostname or wildcard "a.*.b"'],
  ['map $uri $x { hostnames; a..b 1; }', 'invalid hostname or wildcard "a..b"'],
  ['map $uri $x { hostnames; .a.b 1; a.b 2; }', 'conflicting parameter "a.b"'],
  ['map $uri $x { hostnames; *.a 1; .b 2; c.* 3; *.b.c 4; }', null],
  ['map $uri $x { a.*.b 1; a..b 2; * 3; }', null],
  ['map $uri $x { ~a 1; ~a 2; ~A 3; ~*a 4; }', null],
  ['map $uri $x { } map $uri $x { }', null],
  ['split_clients $uri $ { }', 'invalid variable name "$"'],
  ['split_clients $uri $x { 60% a; 41% b; }', 'percent total is greater than 100%'],
  ['split_clients $uri $x { * a; 1% b; }', 'percent total is greater than 100%'],
  ['split_clients $uri $x { 0% a; }', 'invalid percent value "0%"'],
  ['split_clients $uri $x { 10 a; }', 'invalid percent value "10"'],
  ['split_clients $uri $x { 1.234% a; }', 'invalid percent value "1.234%"'],
  ['split_clients $uri $x { 0.01% a; 99.99% b; * c; }', null],
  ['geo x { }', 'invalid variable name "x"'],
  ['geo uri $x { }', 'invalid variable name "uri"'],
  ['geo $x { 10.0.0.0/33 a; }', 'invalid network "10.0.0.0/33"'],
  ['geo $x { host a; }', 'invalid network "host"'],
  ['geo $x { proxy host; }', 'invalid network "host"'],
  ['geo $x { 10.0.0.0/8; }', 'invalid number of the geo parameters'],
  [
    'geo $x { 10.0.0.0/8 a; ranges; }',
    'the "ranges" directive must be the first directive inside "geo" block',
  ],
  ['geo $x { ranges; 10.0.0.0 a; }', 'invalid range "10.0.0.0"'],
  ['geo $x { ranges; 10.0.0.2-10.0.0.1 a; }', 'invalid range "10.0.0.2-10.0.0.1"'],
  ['geo $x { ranges; ::1-::2 a; }', 'invalid range "::1-::2"'],
  [
    'geo $x { ranges; 10.0.0.5-10.0.0.9 a; 10.0.0.7-10.0.0.11 b; }',
    'range "10.0.0.7-10.0.0.11" overlaps "10.0.0.5-10.0.0.9"',
  ],
  [
    'geo $x { ranges; 10.0.0.5-10.0.0.9 a; 10.0.0.0-10.0.0.255 b; }',
    'range "10.0.0.0-10.0.0.255" overlaps "10.0.0.5-10.0.0.9"',
  ],
  [
    'geo $x { ranges; 10.0.0.5-10.0.0.9 a; 10.0.0.6-10.0.0.7 b; 10.0.0.5-10.0.0.5 c; 10.0.0.8-10.0.0.9 d; }',
    null,
  ],
  [
    'geo $x { ranges; proxy_recursive; proxy 10.0.0.0/8; default a; 1.0.0.0-1.0.0.0 b; delete 2.0.0.0-2.0.0.1; }',
    null,
  ],
  [
    'geo $x { default a; default b; 0.0.0.0/0 c; 10.0.0.1 d; 10.0.0.1/32 e; ::1 f; fd00::/8 g; delete ::2; }',
    null,
  ],
]

for (const [text, message] of CASES) {
  test(`${text} is ${message === null ? 'well' : 'refused'}`, t => {
    assert.deepEqual(problems(t, `${text} ${SERVER}`), message === null ? [] : [message])
  })
}

test('nginx says the same of all of these', { skip: without('nginx') }, t => {
  const said = CASES.map(([text]) => [text, checkedByNginx(t, `${text} ${SERVER}`)])
  assert.deepEqual(said, CASES)
})

test('what is odd and still works is warned about, in nginx’s words', t => {
  const { site, remarks } = read(
    t,
    `geo $a { 10.0.0.1/8 a; 10.0.0.0/8 b; delete 11.0.0.0/8; default 1; default 2; }
    geo $b { ranges; 1.0.0.0-1.0.0.1 a; 1.0.0.0-1.0.0.1 b; delete 2.0.0.0-2.0.0.1; }
    ${SERVER}`,
  )
  assert.ok(site !== null)
  assert.deepEqual(
    remarks.map(({ level, message, at }) => `${level} ${at?.line} ${message}`),
    [
      'warn 1 low address bits of 10.0.0.1/8 are meaningless',
      'warn 1 duplicate network "10.0.0.0/8", value: "b", old value: "a"',
      'warn 1 no network "11.0.0.0/8" to delete',
      'warn 1 duplicate network "default", value: "2", old value: "1"',
      'warn 2 duplicate range "1.0.0.0-1.0.0.1", value: "b", old value: "a"',
      'warn 2 no address range "2.0.0.0-2.0.0.1" to delete',
    ],
  )
})
