// Files, parts of them and whether they are wanted at all, what is done to them on their way out, and who may have them.

import type { Choice } from '../choice.ts'
import { block, type Directive, line } from '../directive.ts'
import type { Family } from '../family.ts'
import { asked } from '../filters/asking.ts'

const REQUESTS = 120

/** By name, the arguments that it may have. */
const SAID: Readonly<Record<string, readonly string[]>> = {
  index: ['index.html', 'none.html index.html', 'guide.html', 'none', 'about.html /about.html'],
  autoindex: ['on', 'off'],
  autoindex_format: ['html', 'json', 'xml', 'jsonp'],
  disable_symlinks: ['on', 'if_not_owner', 'off'],
  etag: ['off', 'on'],
  if_modified_since: ['off', 'exact', 'before'],
  max_ranges: ['0', '1', '2'],
  gzip: ['on', 'on', 'off'],
  gzip_types: ['*', 'text/css text/plain', 'application/json'],
  gzip_min_length: ['0', '20', '1000'],
  gzip_proxied: ['any', 'off', 'no_etag', 'auth'],
  gzip_vary: ['on', 'off'],
  gzip_http_version: ['1.0', '1.1'],
  gzip_static: ['on', 'off', 'always'],
  gunzip: ['on', 'off'],
  charset: ['utf-8', 'koi8-r', 'off'],
  charset_types: ['*', 'text/css'],
  sub_filter: ["'line' 'row'", "'about' '$uri'", "'a' ''", "'h1>' 'h2>'"],
  sub_filter_once: ['on', 'off'],
  sub_filter_last_modified: ['on', 'off'],
  sub_filter_types: ['*', 'text/plain'],
  add_before_body: ['/part', '/none', '/l1/about.html', '""'],
  add_after_body: ['/part', '/empty', '/l2/static/data.json', '""'],
  addition_types: ['*', 'text/plain'],
  expires: ['1h', '-1', 'epoch', 'max', 'off', 'modified 1h'],
  add_header: ['X-A 1', 'X-B $uri always', 'ETag ""', 'Last-Modified ""', 'Cache-Control public', 'Vary X'],
  auth_basic: ['realm', 'off', '"r $uri"'],
  auth_basic_user_file: ['/etc/nginx/htpasswd'],
  allow: ['127.0.0.1', '10.0.0.0/8', 'all'],
  deny: ['127.0.0.0/8', '10.0.0.1', 'all'],
  satisfy: ['any', 'all'],
  error_page: ['404 /404.html', '403 404 =200 /about.html', '401 = /part', '412 /about.html', '404 = @named'],
}

/** Of a directive that may stand in places alone. */
const OF_PLACES: Readonly<Record<string, readonly string[]>> = {
  internal: [''],
  default_type: ['text/x-own'],
}

export const family: Family = {
  draw(choice) {
    const places = choice.several(4, 8, at => `/l${at}/`)
    const directives = [
      line(
        'log_format',
        'l',
        `'$http_x_number $status $uri [$remote_user] $request_filename $sent_http_content_range $sent_http_etag'`,
      ),
      line('access_log', '/var/log/nginx/access.log', 'l'),
      ...said(choice, SAID, 4),
      block(
        ['server'],
        [
          line('listen', '80'),
          line('root', '/srv/app'),
          ...said(choice, SAID, 4),
          ...places.map(path => place(choice, path)),
          block(['location', '=', '/part'], [line('return', '200', '"a part of $uri"')]),
          block(['location', '=', '/empty'], [line('return', '200', '""')]),
          block(['location', '@named'], [line('return', '200', '"named $uri"')]),
        ],
      ),
    ]
    return { directives, requests: choice.several(REQUESTS, REQUESTS, () => asked(choice, ['/', ...places])) }
  },
}

function place(choice: Choice, path: string): Directive {
  const content = choice.pick([
    'alias /srv/app/',
    'alias /srv/app/',
    'alias /srv/app/docs/',
    'root /srv',
    'empty_gif',
  ])
  const inner = block(
    ['location', ...choice.pick([['~', '\\.(txt|css)$'], [`${path}docs`], [`${path}static/`]])],
    said(choice, SAID, 3),
  )
  return block(
    ['location', path],
    [
      line(...content.split(' ')),
      ...said(choice, SAID, 6),
      ...said(choice, OF_PLACES, 1),
      ...(choice.chance(30) ? [inner] : []),
    ],
  )
}

/** Up to so many, each name once. */
function said(choice: Choice, from: Readonly<Record<string, readonly string[]>>, most: number): Directive[] {
  const names = choice.several(0, most, () => choice.pick(Object.keys(from)))
  return [...new Set(names)].map(name => line(name, ...choice.pick(from[name]!).split(' ').filter(Boolean)))
}
