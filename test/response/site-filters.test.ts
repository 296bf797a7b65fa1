// Answers as Debian's nginx gives them beside ours: the same file, the same app, the same requests.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { responseFraming } from '../../src/http1/framing.ts'
import type { AnswerHead } from '../../src/outcome.ts'
import type { BodyFilter } from '../../src/response/body-filter.ts'
import { trailersOf } from '../../src/response/filters/added-fields.ts'
import { filterAnswer } from '../../src/response/site-filters.ts'
import { upstreamFields } from '../../src/response/upstream-fields.ts'
import type { Visit } from '../../src/visit.ts'
import { linesOf, listOf } from '../support/answer-head.ts'
import { filtered } from '../support/filtered.ts'
import { askNginx, type Seen, startNginx } from '../support/nginx.ts'
import { without } from '../support/servers.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

/** An app's answer to what a location passes on to it, and the request for it. */
interface Case {
  readonly lines: string
  readonly status?: number
  readonly fields?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly asked?: Readonly<Record<string, string>>
  readonly method?: string
  readonly version?: '1.0' | '1.1'
}

const HTML = { 'Content-Type': 'text/html' }
const GZIP = { 'Accept-Encoding': 'gzip' }
const TEXT = 'some text, some text, some text, some text'
const MODIFIED = 'Thu, 05 Nov 2015 12:00:00 GMT'

/** A location's path is not made absolute, as its port would be another. */
const PATHS = 'absolute_redirect off;'

function cookieCases(lines: string, cookies: readonly string[]): Record<string, Case> {
  return Object.fromEntries(
    cookies.map(cookie => [`${lines} ${cookie}`, { lines, fields: { 'Set-Cookie': cookie } }]),
  )
}

const CASES: Readonly<Record<string, Case>> = {
  'nothing said': { lines: '', fields: { ...HTML, ETag: '"a"', 'X-One': '1' } },
  'fields added': {
    lines: 'add_header X-A "$arg_q$host" always; add_header X-B ""; add_header Vary Cookie;',
  },
  'fields added to an error': { lines: 'add_header X-A 1; add_header X-B 2 always;', status: 500 },
  'fields of which there is one': {
    lines: 'add_header ETag "\\"b\\""; add_header Last-Modified "";',
    fields: { ETag: '"a"', 'Last-Modified': MODIFIED },
  },
  'cache control twice': {
    lines: 'add_header Cache-Control private;',
    fields: { 'Cache-Control': 'no-store' },
  },
  'expires over what the app said': {
    lines: 'expires 1h;',
    fields: { Expires: MODIFIED, 'Cache-Control': 'no-store' },
  },
  'expires, in the past': { lines: 'expires -1;' },
  'expires, never': { lines: 'expires epoch; add_header Cache-Control "no-store";' },
  'expires, long': { lines: 'expires max;' },
  'expires, now': { lines: 'expires 0;' },
  'expires, since the change': { lines: 'expires modified 10y;', fields: { 'Last-Modified': MODIFIED } },
  'expires, since an old change': { lines: 'expires modified 1d;', fields: { 'Last-Modified': MODIFIED } },
  'expires, computed': { lines: 'expires $by_type;', fields: { 'Content-Type': 'text/css' } },
  'expires, computed to nothing': { lines: 'expires $by_type;', fields: HTML },
  'expires of an error': { lines: 'expires 1h;', status: 404 },
  gzip: {
    lines: 'gzip on; gzip_vary on;',
    fields: { ...HTML, ETag: '"a"', 'Accept-Ranges': 'bytes' },
    asked: GZIP,
  },
  'gzip, a weak tag': { lines: 'gzip on;', fields: { ...HTML, ETag: 'W/"a"' }, asked: GZIP },
  'gzip, no tag': { lines: 'gzip on;', fields: { ...HTML, ETag: 'a' }, asked: GZIP },
  'gzip, not asked for': { lines: 'gzip on; gzip_vary on;', fields: HTML },
  'gzip, by HEAD': { lines: 'gzip on; gzip_vary on;', fields: HTML, asked: GZIP, method: 'HEAD' },
  'gzip, too short': { lines: 'gzip on; gzip_vary on; gzip_min_length 1000;', fields: HTML, asked: GZIP },
  'gzip, another type': {
    lines: 'gzip on; gzip_vary on;',
    fields: { 'Content-Type': 'text/css' },
    asked: GZIP,
  },
  'gzip, any type': { lines: 'gzip on; gzip_types *;', fields: { 'Content-Type': 'a/b; c=d' }, asked: GZIP },
  'gzip, a charset': {
    lines: 'gzip on;',
    fields: { 'Content-Type': 'text/html;charset=utf-8' },
    asked: GZIP,
  },
  'gzip, a parameter': { lines: 'gzip on;', fields: { 'Content-Type': 'text/html; a=b' }, asked: GZIP },
  'gzip, encoded already': {
    lines: 'gzip on; gzip_vary on;',
    fields: { ...HTML, 'Content-Encoding': 'br' },
    asked: GZIP,
  },
  'gzip, another Vary': { lines: 'gzip on; gzip_vary on;', fields: { ...HTML, Vary: 'Cookie' }, asked: GZIP },
  'gzip, an error page of the app': { lines: 'gzip on;', fields: HTML, asked: GZIP, status: 404 },
  'gzip, a failure': { lines: 'gzip on;', fields: HTML, asked: GZIP, status: 500 },
  'gzip, HTTP/1.0': { lines: 'gzip on;', fields: HTML, asked: GZIP, version: '1.0' },
  'gzip, through a proxy': {
    lines: 'gzip on; gzip_vary on;',
    fields: HTML,
    asked: { ...GZIP, Via: '1.1 x' },
  },
  'gzip, through a proxy, expired': {
    lines: 'gzip on; gzip_proxied expired; expires epoch;',
    fields: HTML,
    asked: { ...GZIP, Via: '1.1 x' },
  },
  gunzip: {
    lines: 'gunzip on; gzip_vary on;',
    fields: { ...HTML, 'Content-Encoding': 'gzip', ETag: '"a"' },
    body: gzipSync(TEXT),
  },
  'gunzip, gzip asked for': {
    lines: 'gunzip on; gzip_vary on;',
    fields: { ...HTML, 'Content-Encoding': 'gzip' },
    body: gzipSync(TEXT),
    asked: GZIP,
  },
  sub: {
    lines: 'sub_filter some "$host"; sub_filter TEXT x;',
    fields: { ...HTML, ETag: '"a"', 'Last-Modified': MODIFIED },
  },
  'sub, everywhere': {
    lines: 'sub_filter some any; sub_filter_once off; sub_filter_last_modified on;',
    fields: { ...HTML, ETag: '"a"', 'Last-Modified': MODIFIED },
  },
  'sub, a beginning at the end': {
    lines: 'sub_filter texts x; sub_filter ext y; sub_filter_once off;',
    fields: HTML,
  },
  'sub and gzip': { lines: 'sub_filter some any; gzip on;', fields: HTML, asked: GZIP },
  'gunzip, sub': {
    lines: 'gunzip on; sub_filter some any;',
    fields: { ...HTML, 'Content-Encoding': 'gzip' },
    body: gzipSync(TEXT),
  },
  charset: { lines: 'charset utf-8;', fields: HTML },
  'charset, another type': { lines: 'charset utf-8;', fields: { 'Content-Type': 'image/png' } },
  'charset, said by the app': {
    lines: 'charset utf-8;',
    fields: { 'Content-Type': 'text/html; charset=koi8-r' },
  },
  'charset, overridden': {
    lines: 'charset windows-1251; override_charset on;',
    fields: { 'Content-Type': 'text/html; charset="KOI8-R"' },
    body: 'a\xc0\xc1',
  },
  'charset, overridden without a map': {
    lines: 'charset koi8-r; override_charset on;',
    fields: { 'Content-Type': 'text/html; charset=x; a=b' },
  },
  'charset, of a redirect': { lines: 'charset utf-8;', fields: HTML, status: 302 },
  'charset, converted': { lines: 'charset utf-8; source_charset koi8-r;', fields: HTML, body: 'a\xc0\xc1' },
  'charset, converted back': {
    lines: 'charset koi8-r; source_charset utf-8;',
    fields: HTML,
    body: 'a\xd1\x8e\xd0\xb1',
  },
  'charset, by the app': { lines: '', fields: { ...HTML, 'X-Accel-Charset': 'koi8-r' } },
  'charset, by the app, unknown': { lines: '', fields: { ...HTML, 'X-Accel-Charset': 'nobodys' } },
  'charset, gzip': { lines: 'charset utf-8; gzip on;', fields: HTML, asked: GZIP },
  ranges: { lines: 'proxy_force_ranges on;', asked: { Range: 'bytes=5-8' } },
  'ranges, none asked for': { lines: 'proxy_force_ranges on;' },
  'ranges, from the end': { lines: 'proxy_force_ranges on;', asked: { Range: 'bytes=-4' } },
  'ranges, to the end': { lines: 'proxy_force_ranges on;', asked: { Range: 'bytes=38-' } },
  'ranges, several': { lines: 'proxy_force_ranges on;', asked: { Range: 'bytes=0-1, 4-5' } },
  'ranges, one of several': { lines: 'proxy_force_ranges on;', asked: { Range: 'bytes=1-1, 400-500' } },
  'ranges, another version': {
    lines: 'proxy_force_ranges on;',
    fields: { ETag: '"a"' },
    asked: { Range: 'bytes=5-8', 'If-Range': '"b"' },
  },
  'ranges, the same version': {
    lines: 'proxy_force_ranges on;',
    fields: { 'Last-Modified': MODIFIED },
    asked: { Range: 'bytes=5-8', 'If-Range': MODIFIED },
  },
  'ranges, compressed': {
    lines: 'proxy_force_ranges on; gzip on;',
    fields: HTML,
    asked: { ...GZIP, Range: 'bytes=5-8' },
  },
  'hidden fields': {
    lines: 'proxy_hide_header X-Powered-By; proxy_pass_header X-Pad;',
    fields: {
      'X-Powered-By': 'x',
      'X-Pad': '1',
      'X-Accel-Expires': '3',
      Server: 'app',
      'X-Other': '1',
      Status: '3',
    },
  },
  'redirect by default': {
    lines: PATHS,
    fields: { Location: 'http://127.0.0.1:APP/y', Refresh: '1; Url=http://127.0.0.1:APP/z' },
    status: 301,
  },
  'redirect, another address': { lines: PATHS, fields: { Location: 'http://other.test/y' }, status: 301 },
  'redirect, a path': { lines: `${PATHS} proxy_redirect /y /z;`, fields: { Location: '/y?/y' }, status: 302 },
  'redirect, patterns': {
    lines: `${PATHS} proxy_redirect ~*^http://([^.]+)\\.test(?<rest>/.*)$ https://$1.$arg_q$rest; proxy_redirect default;`,
    fields: { Location: 'HTTP://One.test/y', Refresh: '5;url=http://127.0.0.1:APP/z' },
    status: 303,
  },
  'redirect, off': {
    lines: 'proxy_redirect off;',
    fields: { Location: 'http://127.0.0.1:APP/y' },
    status: 301,
  },
  ...cookieCases('proxy_cookie_domain from.test to.test; proxy_cookie_path /one/ /two/;', [
    'a=b',
    'a=b; Domain=from.test; Path=/one/x; Secure',
    'a=b;domain=.FROM.test;path=/one;; x',
    'a;Path=/one/;path=/one/y',
    'Path=/one/; Domain=',
  ]),
  ...cookieCases('proxy_cookie_domain ~\\.?([a-z]+)\\.test $1.org; proxy_cookie_path ~^/o(.) "/$1; x";', [
    'a=b; Domain=www.from.test; Path=/one/x',
    'a=b; Domain=from; Path=/x',
  ]),
  ...cookieCases(
    'proxy_cookie_flags a secure httponly samesite=strict; proxy_cookie_flags ~ nosecure nosamesite;',
    [
      'A=b',
      'a=b; secure; SameSite=lax; samesite=none',
      'b=a; Secure; HttpOnly; SameSite=None; secure=1',
      'b',
      'a',
      'a; Path=/',
    ],
  ),
  ...cookieCases('proxy_cookie_flags $arg_q $flag;', ['a=b; Path=/', 'b=b']),
  'no content': { lines: 'add_header X-A 1; gzip on;', fields: HTML, status: 204, body: '' },
  trailers: { lines: 'add_trailer X-T "$host"; add_trailer X-E "";', fields: HTML },
  'trailers, HTTP/1.0': { lines: 'add_trailer X-T 1;', fields: HTML, version: '1.0' },
  'trailers of an error': { lines: 'add_trailer X-T 1; add_trailer X-U 2 always;', status: 500 },
}

const MAPS = `
  map $arg_q $flag { default httponly; }
  map $sent_http_content_type $by_type { text/css 2h; default off; }
  charset_map koi8-r utf-8 { C0 D18E; C1 D0B0; }
  charset_map koi8-r windows-1251 { C0 FE; }
`

interface Answer {
  readonly status: number
  readonly fields: readonly string[]
  readonly body: string
  readonly trailers: readonly string[]
}

test('apps’ answers come as nginx has them come', { skip: without('nginx') }, async t => {
  const cases = Object.entries(CASES)
  const app = await startApp(
    t,
    cases.map(([, each]) => each),
  )
  const locations = cases.map(
    ([, { lines }], at) => `location /${at}/ { proxy_pass http://127.0.0.1:${app}; ${lines} }`,
  )
  const place = `server { listen 127.0.0.1:PORT; ${locations.join('\n')} }`
  const nginx = await startNginx(t, MAPS + place)
  const facts = factsOf(siteOf(t, MAPS + place.replace('PORT', '8000')))
  for (const [at, [name, each]] of cases.entries()) {
    const { method = 'GET', version = '1.1', asked = {} } = each
    const target = `/${at}/?q=a`
    const theirs = asSeen(
      await askNginx(nginx, target, { method, version, fields: { Host: 'site.test', ...asked } }),
    )
    const visit = visitOf(facts, { method, target, fields: asked, minor: version === '1.1' ? 1 : 0 })
    assert.deepEqual(await ours(visit, { ...each, fields: withPort(each.fields ?? {}, app) }), theirs, name)
  }
})

function withPort(fields: Readonly<Record<string, string>>, app: number): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value.replace('APP', String(app))]),
  )
}

/** An app that gives the answer of the case that its path names. */
async function startApp(t: TestContext, cases: readonly Case[]): Promise<number> {
  const app = createServer((request, response) => {
    const { status = 200, fields = {}, body = TEXT } = cases[Number(request.url!.split('/')[1])]!
    const bytes = Buffer.from(body as string, 'latin1')
    response.sendDate = false
    const length = status === 204 ? {} : { 'Content-Length': String(bytes.length) }
    response.writeHead(status, {
      ...withPort(fields, request.socket.localPort!),
      ...length,
      Connection: 'close',
    })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  })
  await new Promise<void>(resolve => app.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise(resolve => app.close(resolve)))
  return (app.address() as AddressInfo).port
}

async function ours(
  visit: Visit,
  { status = 200, fields = {}, body = TEXT, method = 'GET' }: Case,
): Promise<Answer> {
  const bytes = Buffer.from(body as string, 'latin1')
  const headers = listOf(status === 204 ? fields : { ...fields, 'Content-Length': String(bytes.length) })
  const answer = { minor: 1, status, reason: '', headers, bytes: 0 } as const
  const { head } = upstreamFields(visit, answer, responseFraming(answer, method))
  return delivered(visit, head, filterAnswer(visit, head), method === 'HEAD' ? Buffer.alloc(0) : bytes)
}

async function delivered(
  visit: Visit,
  head: AnswerHead,
  filter: BodyFilter | null,
  bytes: Buffer,
): Promise<Answer> {
  const body = filter === null ? bytes : (await filtered(filter, [bytes])).body
  const trailers = trailersOf(visit, head)
  const fields = linesOf(head.headers)
  if (head.length !== null && head.trailing !== true) fields.push(`Content-Length: ${head.length}`)
  return {
    status: head.status,
    fields: sorted(fields),
    body: plain(body, head.headers.get('content-encoding')),
    trailers: trailers === null ? [] : linesOf(trailers).map(lowered),
  }
}

/** Ours and theirs differ in these on purpose, or in every second. */
const APART = /^(?:date|server|connection|transfer-encoding):/
const NOW = /^(expires: \w{3}, \d{2} \w{3} \d{4} ).*/

function sorted(fields: readonly string[]): string[] {
  return fields
    .map(lowered)
    .filter(line => !APART.test(line))
    .map(line => line.replace(NOW, '$1'))
    .sort()
}

function lowered(line: string): string {
  const colon = line.indexOf(':')
  return line.slice(0, colon).toLowerCase() + line.slice(colon)
}

function plain(body: Buffer, coding: string | undefined): string {
  const text = coding === 'gzip' && body.length > 0 ? gunzipSync(body) : body
  return text.toString('latin1').replace(/nginx\/[\d.]+|shieldproxy\/[\d.]+/, 'product')
}

function asSeen({ status, lines, body: raw }: Seen): Answer {
  const chunked = lines.some(line => /^transfer-encoding: chunked$/i.test(line))
  const { body, trailers } = chunked ? dechunked(raw) : { body: raw, trailers: [] }
  const coding = lines.find(line => /^content-encoding:/i.test(line))?.slice('content-encoding: '.length)
  return { status, fields: sorted(lines), body: plain(Buffer.from(body, 'latin1'), coding), trailers }
}

function dechunked(raw: string): { body: string; trailers: string[] } {
  let [body, at] = ['', 0]
  for (;;) {
    const end = raw.indexOf('\r\n', at)
    const size = Number.parseInt(raw.slice(at, end), 16)
    if (Number.isNaN(size)) return { body, trailers: [] }
    if (size === 0)
      return {
        body,
        trailers: raw
          .slice(end + 2)
          .split('\r\n')
          .filter(line => line !== '')
          .map(lowered),
      }
    body += raw.slice(end + 2, end + 2 + size)
    at = end + 2 + size + 2
  }
}
