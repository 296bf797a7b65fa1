import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { askNginx, startNginx } from '../../support/nginx.ts'
import { without } from '../../support/servers.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

function md5(text: string): Buffer {
  return createHash('md5').update(text, 'latin1').digest()
}

const PAST = '1700000000'
const FUTURE = '33000000000'

const CONFIG = `
server {
  listen 127.0.0.1:PORT;
  server_name site.test *.site.test ~^mail\\d\\. ~^anchored$;
  valid_referers none blocked server_names *.good.test good.test/path/ www.wide.* .both.test ~\\.regex\\. "~b{256}";
  location / { return 200 "$invalid_referer"; }
  location /strict { valid_referers good.test; return 200 "$invalid_referer"; }
  location /md5 {
    secure_link $arg_md5,$arg_expires;
    secure_link_md5 "$arg_expires$uri secret";
    return 200 "$secure_link|$secure_link_expires";
  }
  location /only { secure_link $arg_md5; secure_link_md5 "$uri secret"; return 200 "$secure_link|$secure_link_expires"; }
  location /old { secure_link_secret word; return 200 "$secure_link"; }
  location /unset { return 200 "$secure_link|$secure_link_expires"; }
}`

const REFERERS = [
  ...['', 'nonsense', 'ftp://good.test/', 'http://x', 'http://site.test/', 'HTTPS://SITE.test:8/x'],
  ...['http://a.site.test', 'http://evil.test/', 'http://evil.test/site.test', 'http://good.test/path/x'],
  ...['http://good.test/other', 'http://good.test', 'http://a.good.test/any', 'http://www.wide.net/'],
  ...[
    'http://wide.net/abc',
    'http://both.test/',
    'http://x.both.test/',
    'https://a.REGEX.b/',
    'http://mail1.x/abc',
  ],
  ...['http://good.test:80/path/', `http://${'a'.repeat(300)}/`],
  // Expressions of the server's names see the host alone, and of that no more than so much.
  ...[
    'http://ANCHORED/uri',
    'http://x.anchored/',
    `http://${'b'.repeat(256)}/`,
    `http://${'b'.repeat(257)}/`,
  ],
]

const TARGETS = [
  '/md5',
  ...[FUTURE, PAST, '0', 'x', ''].map(
    time => `/md5?expires=${time}&md5=${md5(`${time}/md5 secret`).toString('base64url')}`,
  ),
  `/md5?expires=${FUTURE}&md5=${md5('other').toString('base64url')}`,
  `/md5?expires=${FUTURE}&md5=short`,
  `/only?md5=${md5('/only secret').toString('base64url')}`,
  `/only?md5=${md5('/only secret').toString('base64')}`,
  '/only?md5=',
  `/old/${md5('a/b?cword').toString('hex')}/a/b?c`,
  `/old/${md5('aword').toString('hex').toUpperCase()}/a`,
  `/old/${md5('bword').toString('hex')}/a`,
  '/old/x/a',
  '/old/',
  '/unset',
]

test('links and pages are judged as nginx judges them', { skip: without('nginx') }, async t => {
  const nginx = await startNginx(t, CONFIG)
  const facts = factsOf(siteOf(t, `events {} http { ${CONFIG.replace('PORT', '8080')} }`))
  const asks = [
    ...REFERERS.map(referer => ({ target: '/', fields: { Referer: referer } })),
    // In nginx expressions of the server hold here as well, if there are none here: what is said here is all, for us.
    ...REFERERS.filter(referer => !/regex|mail|anchored|bbb/i.test(referer)).map(referer => ({
      target: '/strict',
      fields: { Referer: referer },
    })),
    ...['/', '/strict', ...TARGETS].map(target => ({ target, fields: {} })),
  ]
  const [ours, theirs]: [string[], string[]] = [[], []]
  for (const { target, fields } of asks) {
    const visit = visitOf(facts, { target, fields })
    const op = visit.location?.rewrites[0]
    assert.ok(op?.op === 'return' && op.text !== null)
    const name = `${target} ${Object.values(fields)}`
    ours.push(`${name}: ${visit.text(op.text)}`)
    theirs.push(
      `${name}: ${(await askNginx(nginx, target, { fields: { Host: 'site.test', ...fields } })).body}`,
    )
  }
  assert.deepEqual(ours, theirs)
})

test('a link that is right, one that has run out, and one that is not', t => {
  const facts = factsOf(siteOf(t, `events {} http { ${CONFIG.replace('PORT', '8080')} }`))
  const values = TARGETS.slice(1, 3).map(target => facts.variable('secure_link')(visitOf(facts, { target })))
  assert.deepEqual(values, ['1', '0'])
  assert.equal(facts.variable('secure_link')(visitOf(facts, { target: TARGETS[6]! })), null)
})
