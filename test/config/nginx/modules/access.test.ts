import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readText, siteOf } from '../read-text.ts'

test('rules keep their order, and a block that has any has none of those around it', () => {
  const site = siteOf(`
    deny 10.0.0.1;
    server {
      location /a { allow 192.168.0.0/16; allow unix:; allow 2001:db8::/32; deny all; limit_except GET { deny all; } }
      location /b { }
    }`)
  const [a, b] = site.servers[0]!.locations
  assert.deepEqual(
    a!.settings.accessRules.map(({ allow, who }) => [allow, typeof who === 'string' ? who : who.bits]),
    [
      [true, 16],
      [true, 'unix'],
      [true, 32],
      [false, 'all'],
    ],
  )
  assert.deepEqual(a!.except!.settings.accessRules, [{ allow: false, who: 'all' }])
  assert.equal(b!.settings.accessRules.length, 1)
})

test('what is no address is refused; bits that mean nothing are pointed out', () => {
  assert.deepEqual(readText('server {\n deny localhost;\n}').remarks, [
    'emerg: invalid parameter "localhost" :2',
  ])
  const { site, remarks } = readText('server {\n deny 10.1.1.1/8;\n}')
  assert.deepEqual(remarks, ['warn: low address bits of 10.1.1.1/8 are meaningless :2'])
  assert.notEqual(site, null)
})

test('passwords, subrequests, delays and how they combine', () => {
  const site = siteOf(`server {
    satisfy any; auth_basic "closed $host"; auth_basic_user_file htpasswd; auth_delay 1500ms;
    auth_request /auth; auth_request_set $user $upstream_http_x_user;
    location / { } location /off { auth_request off; auth_basic off; satisfy all; }
  }`)
  const [root, off] = site.servers[0]!.locations.map(({ settings }) => settings)
  assert.equal(root!.satisfy, 'any')
  assert.equal(root!.authBasic!.text, 'closed $host')
  assert.equal(root!.authUserFile!.text, 'htpasswd')
  assert.equal(root!.authDelay, 1_500)
  assert.equal(root!.authRequest, '/auth')
  assert.deepEqual(
    root!.authRequestSets.map(({ variable, value }) => [variable, value.text]),
    [['user', '$upstream_http_x_user']],
  )
  assert.deepEqual([off!.authRequest, off!.authBasic!.text, off!.satisfy], [null, 'off', 'all'])
  assert.deepEqual(readText('server {\n auth_request_set user 1; satisfy one; }').remarks, [
    'emerg: invalid variable name "user" :2',
    'emerg: invalid value "one" in "satisfy" directive, it must be "all" or "any" :2',
  ])
})

test('within limit_except only some have a place', () => {
  assert.match(
    readText('server { location / { limit_except GET { satisfy any; } } }').remarks[0]!,
    /not allowed here/,
  )
})

test('within if none of them has a place', () => {
  for (const line of ['allow all;', 'auth_basic off;', 'auth_request off;', 'satisfy any;']) {
    const { remarks } = readText(`server { location / { if ($host) { ${line} } } }`)
    assert.match(remarks[0]!, /directive is not allowed here/, line)
  }
})

test('of two ways to sign a link the nearer one holds', () => {
  const { servers } = siteOf(`server { secure_link_secret s;
    location /old { } location /new { secure_link $arg_h; secure_link_md5 x$uri; location /new/old { secure_link_secret t; } } }`)
  const shown = ({ secureLink, secureLinkMd5, secureLinkSecret }: (typeof servers)[0]['settings']) =>
    [secureLink, secureLinkMd5].map(script => script?.text ?? null).concat(secureLinkSecret)
  const [old, fresh] = servers[0]!.locations
  assert.deepEqual(shown(old!.settings), [null, null, 's'])
  assert.deepEqual(shown(fresh!.settings), ['$arg_h', 'x$uri', null])
  assert.deepEqual(shown(fresh!.locations[0]!.settings), [null, null, 't'])
})
