// The words that files of the family are made of. They are few and short, so that servers, locations, rewrites, files and
// requests meet.

import type { Choice } from '../choice.ts'

const SEGMENTS = ['a', 'b', 'c', 'c.txt', 'b.html', 'index.html', 'A', 'c%20d.txt', 'none']
const ROOTS = ['/srv/odd', '/srv/odd/a', '/srv/odd/', '/srv/odd/a/b', '/srv/odd/b', '/srv/none']

export const APPS = ['127.0.0.1:8001', '127.0.0.1:8002']

/** Variables that `set`, `map` and named captures make. */
export const MADE = ['$v1', '$v2', '$m1', '$m2', '$n1', '$n2']

const ASKED = [
  ...['$uri', '$args', '$is_args', '$query_string', '$request_uri', '$document_uri', '$host', '$server_name'],
  ...[
    '$arg_x',
    '$arg_y',
    '$1',
    '$2',
    '$3',
    '$document_root',
    '$request_filename',
    '$scheme',
    '$request_method',
  ],
  ...['$http_x_flag', '$cookie_c', '$realpath_root', '$uri', '$1', '$args', '$uri', '$1'],
]

export function variable(choice: Choice): string {
  return choice.pick(choice.chance(35) ? MADE : ASKED)
}

/** As in a location or a request: some segments, perhaps with a slash behind. */
export function path(choice: Choice, least = 0): string {
  const segments = choice.several(least, 3, () => choice.pick(SEGMENTS))
  return `/${segments.join('/')}${segments.length > 0 && choice.chance(30) ? '/' : ''}`
}

/** As a location says it: nothing is escaped there. */
export function plainPath(choice: Choice, least = 0): string {
  return path(choice, least).replaceAll('%20', ' ')
}

/** A path with variables in it, or variables alone. */
export function computedPath(choice: Choice): string {
  const name = variable(choice)
  return choice.pick([
    () => path(choice),
    () => path(choice, 1),
    () => `${path(choice)}${name}`,
    () => `/a${name}`,
    () => name,
    () => `${name}${path(choice)}`,
    () => `${path(choice, 1)}/${name}${variable(choice)}`.replace('//', '/'),
    () => `/a//b/${name}`,
    () => `/b/%41/${name}`,
  ])()
}

export function args(choice: Choice): string {
  return choice.pick([
    '?',
    '?x=1',
    '?x=$1',
    '?$args',
    '?y=$uri',
    '?x=$arg_x&y=2',
    '?x=a%20b',
    '$is_args$args',
    '??',
  ])
}

/** What a condition, a return or a header holds. */
export function text(choice: Choice): string {
  return choice
    .several(1, 3, () => choice.pick([variable(choice), 'a', '/', '1', '0', '', ' b', '.txt']))
    .join('|')
}

const EXPRESSIONS = [
  ...[
    '^/a/(.*)$',
    '^/(.*)$',
    '^',
    '/b',
    '\\.txt$',
    '^/a(/.*)?$',
    '^(/a)?(/b)?',
    '([^/]+)/?$',
    '^/([a-z]+)/(.*)',
  ],
  ...[
    '^/(?<n1>[^/]+)/(?<n2>.*)$',
    '(?<n1>b)',
    '(?i)/A',
    '^/b/(.)$',
    'c(.)d',
    '^/a$',
    '/$',
    '(a)|(b)',
    '^/(a|b)(?:/|$)',
  ],
  ...['^(.+)\\.html$', '//', '[^a-z/.]', '^/a/b(?!/c)', '(.)(.)(.)$', '\\d', '^/none(.*)', '%', '\\s'],
]

export function expression(choice: Choice): string {
  return choice.pick(EXPRESSIONS)
}

export function root(choice: Choice): string {
  if (choice.chance(85)) return choice.pick(ROOTS)
  return choice.pick([
    '/srv/odd$v1',
    '/srv/odd/$m1',
    '/srv/odd/$1',
    '/srv/odd/$arg_x',
    '/srv/odd/$n1',
    '/srv/$v2',
  ])
}
