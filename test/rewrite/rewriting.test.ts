import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { SiteConfig } from '../../src/config/nginx/site.ts'
import { normaliseTarget } from '../../src/http1/uri.ts'
import { runRewrites } from '../../src/rewrite/rewriting.ts'
import { LocationTree } from '../../src/route/location-tree.ts'
import { noteCaptures } from '../../src/script/captures.ts'
import type { SiteFacts, Visit } from '../../src/visit.ts'
import { askNginx, type Seen, startNginx } from '../support/nginx.ts'
import { temporaryFolder } from '../support/owner.ts'
import { without } from '../support/servers.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

const skip = without('nginx')

interface Case {
  readonly server: string
  readonly targets: readonly string[]
}

/** The phases that rewriting is about, without the rest of a site. */
async function walk(site: SiteConfig, facts: SiteFacts, target: string): Promise<[Visit, string]> {
  const visit = visitOf(facts, { target })
  const read = normaliseTarget(target, true)!
  const tree = new LocationTree(visit.server.locations)
  Object.assign(visit, {
    uri: read.uri,
    args: read.args,
    location: null,
    settings: site.servers[0]!.settings,
  })
  visit.captures = []
  let outcome = await runRewrites(visit.server.rewrites, visit)
  while (outcome.kind === 'next' || outcome.kind === 'jump') {
    const found = tree.find(visit.uri)
    visit.location = found?.location ?? null
    visit.settings = found?.location.settings ?? visit.server.settings
    if (found !== null && found.captures !== null) noteCaptures(visit, found.captures)
    outcome = await runRewrites(visit.location?.rewrites ?? [], visit)
    if (outcome.kind === 'next') return [visit, '404']
    if (outcome.kind === 'jump' && visit.jumpsLeft-- === 0) return [visit, '500']
  }
  if (outcome.kind === 'status') return [visit, String(outcome.status)]
  if (outcome.kind === 'redirect') return [visit, `${outcome.status} to ${outcome.location}`]
  if (outcome.kind === 'close') return [visit, 'closed']
  assert.ok(outcome.kind === 'answer')
  const { head, body } = outcome.answer
  return [visit, `${head.status} ${head.headers.get('content-type')}: ${(body as Buffer).toString('latin1')}`]
}

function told({ status, fields, body }: Seen): string {
  if (status === 0) return 'closed'
  if (fields.location !== undefined) return `${status} to ${fields.location}`
  return body.startsWith('<html>') ? String(status) : `${status} ${fields['content-type']}: ${body}`
}

const SHOW = 'return 200 "uri=$uri args=$args request=$request_uri";'

const CASES: readonly Case[] = [
  // What becomes of args.
  {
    server: `
      location /a { rewrite ^/a(.*) /show$1; }
      location /b { rewrite ^/b(.*) /show$1?x=y; }
      location /c { rewrite ^/c(.*) /show$1?; }
      location /d { rewrite ^/d(.*) /show$1?x=y?; }
      location /e { rewrite ^/e(.*) /show?p=$1&q=$arg_q; }
      location /f { rewrite ^/f(.*) /show?$args; }
      location /g { rewrite ^/g(.*) "/show?a=b?c=$1"; }
      location /h { rewrite ^/h(.*) /show??; }
      location /show { ${SHOW} }`,
    targets: [
      '/a/b',
      '/a/b?q=1',
      '/b/b',
      '/b/b?q=1',
      '/c?q=1',
      '/d?q=1',
      '/e/x%20y%26z?q=%26',
      '/e/x+y?q=1',
      '/e/xy;z',
      '/f?q=1',
      '/g/h?q=1',
      '/h?q=1',
    ],
  },
  // last, break, and what is left of a rewrite without either.
  {
    server: `
      location /last { rewrite ^/last/(.*) /show/$1 last; return 200 never; }
      location /break { rewrite ^/break/(.*) /show/$1 break; return 200 "still $uri"; }
      location /on { rewrite ^/on/(.*) /two/$1; rewrite ^/two/(.*) /show/$1; set $x "$uri"; }
      location /stop { rewrite ^/stop /show; break; return 200 never; }
      location /stay { break; return 200 never; }
      location /both { rewrite ^/both /x break; rewrite ^ /y last; }
      location /loop { rewrite ^/loop /loop last; }
      location /chain { rewrite ^/chain(1*)$ /chain1$1 last; }
      location /show { ${SHOW} }`,
    targets: ['/last/a?b', '/break/a', '/stop', '/stay', '/both', '/on/a%20b', '/loop', '/chain', '/show'],
  },
  // How often a URI may be located anew.
  {
    server: `
      location /c { rewrite ^/c(1*)$ /c1$1 last; }
      location ~ "^/c1{13}$" { return 200 arrived; }
      location /show { rewrite ^ /c1111 last; }`,
    targets: Array.from({ length: 6 }, (_, i) => `/c${'1'.repeat(i)}`),
  },
  // In the server first, and then in the location.
  {
    server: `
      set $where server;
      rewrite ^/old/(.*)$ /new/$1;
      rewrite ^/gone http://example.com/gone permanent;
      if ($arg_stop) { return 403; }
      if ($arg_go) { rewrite ^ /went/$arg_go last; }
      location /new { set $where "$where+new"; return 200 "$where $uri $1"; }
      location /old { return 200 never; }
      location /went { return 200 "$uri $args"; }
      location / { return 200 "$where $uri"; }`,
    targets: ['/old/x', '/gone?a', '/x?stop=1', '/x?stop=0', '/x?go=there', '/x', '/new/y'],
  },
  // Redirects: of which kind, with which escapes.
  {
    server: `
      location /r1/ { rewrite ^/r1/(.*) /to/$1 redirect; }
      location /r2/ { rewrite ^/r2/(.*) http://example.com/$1; }
      location /r3/ { rewrite ^/r3/(.*) https://example.com/$1? permanent; }
      location /r4/ { rewrite ^/r4/(.*) $scheme://example.com/$1?x=$1; }
      location /r5/ { rewrite ^/r5/(.*) http://example.com/$1%20%41%2f?%41 last; }
      location /r6/ { rewrite ^ http://example.com$request_uri? permanent; }
      location /r7/ { rewrite ^/r7/(?<rest>.*) http://example.com/$rest redirect; }
      location /t1 { return 301 /to?x; }
      location /t2 { return http://example.com/; }
      location /t3 { return 302 "$scheme://$host$request_uri"; }
      location /t4 { return 307 relative; }
      location /t5 { return 308 https://example.com/a; }
      location /t6 { return 303 /x; }
      location /t7 { return $scheme://example.com; }`,
    targets: [
      '/r1/a?b',
      '/r1/a%20b',
      '/r1/a%2520b',
      '/r1/a+b%26c%3Bd',
      '/r1/%3Fx',
      '/r2/a?b=c',
      '/r3/a?b=c',
      '/r4/a%20b?c',
      '/r5/x?y',
      '/r6/a%20b?c',
      '/r7/a%20b',
      '/t1',
      '/t2',
      '/t3?a',
      '/t4',
      '/t5',
      '/t6',
      '/t7',
    ],
  },
  // Answers.
  {
    server: `
      default_type text/x-own;
      location /a1 { return 200; }
      location /a2 { return 200 ""; }
      location /a3 { return 404; }
      location /a4 { return 404 ""; }
      location /a5 { return 404 "no $uri"; }
      location /a6 { return 444; }
      location /a7 { return 200 "html"; }
      location /a8 { return 200 "none"; types {} default_type ""; }
      location /a9 { return 408; }
      location /b1 { return 499; }
      location /b2 { return 403 $nothing; }
      location /b3 { return 306; }
      location /b4 { return 500 "x"; }
      location /b5 { return 202 "$status"; }
      location /b6 { return 302 /$status; }
      set $nothing "";`,
    targets: '/a1 /a2 /a3 /a4 /a5 /a6 /a7.html /a7.HTML /a7/.html /a9 /b1 /b2 /b3 /b4 /b5 /b6'.split(' '),
  },
  // Conditions.
  {
    server: `
      location /if {
        set $r "";
        if ($arg_a) { set $r "$r a"; }
        if ($arg_b = x) { set $r "$r b"; }
        if ($arg_b != x) { set $r "$r not-b"; }
        if ($arg_c ~ ^(.)(.*)$) { set $r "$r c[$1|$2]"; }
        if ($arg_c ~* ^UP) { set $r "$r up"; }
        if ($arg_c !~ ^up) { set $r "$r not-up"; }
        if ($arg_c !~* ^UP) { set $r "$r not-UP"; }
        if ($uri ~ ^/if/(?<part>[^/]+)) { set $r "$r part=$part"; }
        if ($arg_d = "") { set $r "$r no-d"; }
        return 200 "$r | $1 | $part";
      }
      location /quote/ {
        set $b before;
        if ($uri ~ ^/quote/(.*)) { set $b "$1"; }
        rewrite ^/quote/(.*) /x/$1 break;
        set $c "$1";
        return 200 "$b | $c | $1";
      }
      location ~ ^/regex/(?<Name>\\w+)/(.*)$ {
        set $d "$2";
        return 200 "$name | $2 | $d";
      }`,
    targets: [
      '/if',
      '/if?a=1&b=x&c=upper',
      '/if?a=0&c=Up',
      '/if?a=00&c=x&d=1',
      '/if/some/where?c=%20',
      '/quote/a%20b',
      '/quote/a_b',
      '/quote/a+b',
      '/regex/word/x%20y',
    ],
  },
  // What a rewrite with args leaves for the texts after it.
  {
    server: `
      location /q/ { rewrite ^/q/(.*) /x?c=$1; set $y "$1"; return 200 "$y $1 $args"; }
      location /p/ { rewrite ^/p/(.*) /y/$1?c=$1; rewrite ^/y/(.*) /z/$1 break; return 200 "$uri $args"; }
      location /n/ { rewrite ^/n/(.*) /y/$1?c=$1; rewrite ^/none /z; set $y "$1"; return 200 "$y|$uri"; }
      location /m/ { if ($uri !~ ^/m/(.*)) { return 500; } set $y "$1"; return 200 "$y|$1"; }`,
    targets: ['/q/a%20b', '/q/ab', '/p/a%20b', '/n/a%20b', '/m/a%20b'],
  },
  // Variables that mean something.
  {
    server: `
      location /args { set $args "x=$arg_a"; rewrite ^ /show last; }
      location /more { set $args "$args&more"; return 200 "$args $is_args $arg_a $query_string"; }
      location /show { ${SHOW} }`,
    targets: ['/args?a=1', '/more?a=1', '/more'],
  },
]

test('each comes to what nginx comes to', { skip }, async t => {
  for (const { server, targets } of CASES) {
    const text = `server { listen 127.0.0.1:PORT; server_name site.test; absolute_redirect off; ${server} }`
    const nginx = await startNginx(t, text)
    const site = siteOf(t, `http { ${text.replaceAll('PORT', '8080')} }`)
    const facts = factsOf(site)
    const [ours, theirs]: Record<string, string>[] = [{}, {}]
    for (const target of targets) {
      theirs![target] = told(await askNginx(nginx, target, { fields: { Host: 'site.test' } }))
      ours![target] = (await walk(site, facts, target))[1]
    }
    assert.deepEqual(ours, theirs, server)
  }
})

test('files are asked about as nginx asks', { skip }, async t => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'dir'))
  for (const name of ['plain', 'run']) writeFileSync(join(folder, name), '')
  chmodSync(join(folder, 'run'), 0o755)
  symlinkSync('plain', join(folder, 'link'))
  symlinkSync('nowhere', join(folder, 'dangling'))
  const socket = createServer().listen(join(folder, 'socket'))
  t.after(() => void socket.close())
  const tests = ['-f', '!-f', '-d', '!-d', '-e', '!-e', '-x', '!-x']
  const ifs = tests.map(each => `if (${each} ${folder}$uri) { set $r "$r ${each}"; }`).join('\n')
  const text = `server { listen 127.0.0.1:PORT; location / { set $r ""; ${ifs} return 200 "$r"; } }`
  const nginx = await startNginx(t, text)
  const site = siteOf(t, `http { ${text.replaceAll('PORT', '8080')} }`)
  const facts = factsOf(site)
  const names = [
    'plain',
    'dir',
    'dir/',
    'run',
    'link',
    'dangling',
    'socket',
    'none',
    'plain/x',
    'x'.repeat(300),
  ]
  for (const name of names) {
    const { body } = await askNginx(nginx, `/${name}`)
    assert.equal((await walk(site, facts, `/${name}`))[1], `200 text/plain: ${body}`, name)
  }
})

test('the last if that holds has its way with the settings', async t => {
  const site = siteOf(
    t,
    `server {
      if ($arg_s) { set $seen 1; }
      location / {
        default_type of/location;
        if ($arg_a) { root /a; }
        if ($arg_b) { root /b; }
      }
    }`,
  )
  const root = async (target: string) => (await walk(site, factsOf(site), target))[0].settings.root.path.text
  assert.equal(await root('/?a=1'), '/a')
  assert.equal(await root('/?b=1'), '/b')
  assert.equal(await root('/?a=1&b=1'), '/b')
  assert.equal(await root('/'), site.servers[0]!.locations[0]!.settings.root.path.text)
  const [visit] = await walk(site, factsOf(site), '/?s=1')
  assert.equal(visit.settings, site.servers[0]!.locations[0]!.settings)
})

test('a rewrite lets internal locations be entered, and its URI is no longer the one that came', async t => {
  const site = siteOf(t, 'server { location /a { rewrite ^/a/x /b break; } location /c { set $args 1; } }')
  const [matched] = await walk(site, factsOf(site), '/a/x')
  assert.deepEqual([matched.internal, matched.uriUnchanged], [true, false])
  const [passed] = await walk(site, factsOf(site), '/a/y')
  assert.deepEqual([passed.internal, passed.uriUnchanged], [false, true])
  const [args] = await walk(site, factsOf(site), '/c')
  assert.deepEqual([args.internal, args.uriUnchanged], [false, false])
})

test('limit_rate can be set, to a size', async t => {
  const site = siteOf(t, 'server { location / { set $limit_rate $arg_rate; } }')
  const [visit] = await walk(site, factsOf(site), '/?rate=4k')
  assert.equal(visit.limitRate, 4096)
  const errors: string[] = []
  const facts: SiteFacts = { ...factsOf(site), logs: { error: (_, message) => errors.push(message) } }
  const [other] = await walk(site, facts, '/?rate=fast')
  assert.equal(other.limitRate, null)
  assert.deepEqual(errors, ['invalid $limit_rate "fast"'])
})

test('methods that limit_except is about are not rewritten', t => {
  const site = siteOf(t, 'server { location / { limit_except GET {} return 200; } }')
  const visit = visitOf(factsOf(site))
  visit.settings = visit.location!.except!.settings
  assert.deepEqual(runRewrites(visit.location!.rewrites, visit), { kind: 'next' })
})

test('rewrite_log says what matched and what came of it', async t => {
  const site = siteOf(
    t,
    `server { rewrite_log on; location / {
      if ($uri ~ x) { break; }
      rewrite ^/(a)$ /b?c;
      rewrite ^/b /d redirect;
    } }`,
  )
  const errors: string[] = []
  const facts: SiteFacts = {
    ...factsOf(site),
    logs: { error: (level, message) => errors.push(`${level} ${message}`) },
  }
  await walk(site, facts, '/a')
  assert.deepEqual(errors, [
    'notice "x" does not match "/a"',
    'notice "^/(a)$" matches "/a"',
    'notice rewritten data: "/b", args: "c"',
    'notice "^/b" matches "/b"',
    'notice rewritten redirect: "/d?c"',
  ])
})

test('a URI of no length is an error', async t => {
  const site = siteOf(t, 'server { location / { set $nothing ""; rewrite ^ $nothing; } }')
  assert.equal((await walk(site, factsOf(site), '/'))[1], '500')
})
