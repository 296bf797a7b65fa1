import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readText, siteOf } from '../read-text.ts'

const ZONES = `
  limit_req_zone $binary_remote_addr zone=one:10m rate=10r/s;
  limit_req_zone $server_name rate=30r/m zone=per:1m;
  limit_conn_zone $binary_remote_addr zone=addr:10m;
`

test('zones have a key, a size, and a rate in thousandths a second', () => {
  const { zones } = siteOf(`${ZONES} server { }`)
  assert.deepEqual(
    zones.map(zone => [
      zone.kind,
      zone.name,
      zone.key.text,
      zone.size,
      zone.kind === 'requests' && zone.rate,
    ]),
    [
      ['requests', 'one', '$binary_remote_addr', 10 * 1024 ** 2, 10_000],
      ['requests', 'per', '$server_name', 1024 ** 2, 500],
      ['connections', 'addr', '$binary_remote_addr', 10 * 1024 ** 2, false],
    ],
  )
})

test('limits of a block, and what goes with them', () => {
  const { servers } = siteOf(`${ZONES} server {
    limit_req zone=one burst=5 nodelay; limit_req zone=per burst=20 delay=8; limit_conn addr 3;
    limit_req_status 429; limit_req_log_level warn; limit_req_dry_run on; limit_conn_status 430;
    limit_conn_log_level info; limit_conn_dry_run on;
    location /own { limit_req zone=per; }
  }`)
  const { settings, locations } = servers[0]!
  const shown = (limits: typeof settings.requestLimits) =>
    limits.map(({ zone, burst, delay }) => [zone, burst, delay])
  assert.deepEqual(shown(settings.requestLimits), [
    ['one', 5_000, Infinity],
    ['per', 20_000, 8_000],
  ])
  assert.deepEqual(
    settings.connectionLimits.map(({ zone, most }) => [zone, most]),
    [['addr', 3]],
  )
  assert.deepEqual(
    [settings.requestLimitStatus, settings.requestLimitLevel, settings.requestLimitDryRun],
    [429, 'warn', true],
  )
  assert.deepEqual(
    [settings.connectionLimitStatus, settings.connectionLimitLevel, settings.connectionLimitDryRun],
    [430, 'info', true],
  )
  assert.deepEqual(shown(locations[0]!.settings.requestLimits), [['per', 0, 0]])
})

test('a zone may be defined after its use, but must be', () => {
  assert.deepEqual(
    readText('server {\n limit_req zone=late; }\nlimit_req_zone $a zone=late:1m rate=1r/s;').remarks,
    [],
  )
  assert.deepEqual(readText('server {\n limit_req zone=none; limit_conn none 1; }').remarks, [
    'emerg: zero size shared memory zone "none" :2',
    'emerg: zero size shared memory zone "none" :2',
  ])
  assert.deepEqual(readText('limit_conn_zone $a zone=c:1m;\nserver { limit_req zone=c; }').remarks, [
    'emerg: zero size shared memory zone "c" :2',
  ])
  const inherited = 'server {\n limit_req zone=none;\n location / { location /a { } } location /b { } }'
  assert.deepEqual(readText(inherited).remarks, ['emerg: zero size shared memory zone "none" :2'])
})

for (const [line, message] of [
  ['limit_req_zone $a zone=x rate=1r/s;', 'invalid zone size "zone=x"'],
  ['limit_req_zone $a zone=x:4k rate=1r/s;', 'zone "x" is too small'],
  ['limit_req_zone $a zone=x:1m rate=0r/s;', 'invalid rate "rate=0r/s"'],
  ['limit_req_zone $a zone=x:1m rat=1r/s;', 'invalid parameter "rat=1r/s"'],
  ['limit_req_zone $a rate=1r/s rate=1r/s;', '"limit_req_zone" must have "zone" parameter'],
  [
    'limit_req_zone $b zone=one:1m rate=1r/s;',
    'limit_req_zone "one" is already bound to key "$binary_remote_addr"',
  ],
  ['limit_conn_zone $b zone=one:1m;', 'the shared memory zone "one" is already declared for a different use'],
  ['limit_req burst=5;', '"limit_req" must have "zone" parameter'],
  ['limit_req zone=one burst=x;', 'invalid burst value "burst=x"'],
  ['limit_req zone=one delay=0;', 'invalid delay value "delay=0"'],
  ['limit_req zone=one; limit_req zone=one;', '"limit_req" directive is duplicate'],
  ['limit_conn addr 0;', 'invalid number of connections "0"'],
  ['limit_conn addr 65536;', 'connection limit must be less 65536'],
  ['limit_conn addr 1; limit_conn addr 2;', '"limit_conn" directive is duplicate'],
  ['limit_req_status 302;', 'value must be between 400 and 599'],
  ['limit_conn_status x;', '"limit_conn_status" directive invalid number'],
] as const) {
  test(`refused: ${line}`, () => {
    assert.equal(readText(`${ZONES} ${line} server { }`).remarks[0], `emerg: ${message} :5`)
  })
}
