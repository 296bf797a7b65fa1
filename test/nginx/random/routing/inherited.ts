// What holds in a place and in those within it: pages of errors, how redirects are written, and the like.

import type { Choice } from '../choice.ts'
import { type Directive, line, quoted } from '../directive.ts'
import { args, computedPath, path, root } from './words.ts'

const ERRORS = [
  '400',
  '403',
  '404',
  '404',
  '404',
  '405',
  '410',
  '418',
  '500',
  '502',
  '503',
  '301',
  '302',
  '416',
]

export function errorPage(choice: Choice, named: readonly string[]): Directive {
  const codes = [...new Set(choice.several(1, 3, () => choice.pick(ERRORS)))]
  const change = choice.pick(['', '', '', '=', '=', '=200', '=404', '=403', '=301', '=204', '=500'])
  const to = choice.pick([
    () => '/404.html',
    () => path(choice, 1),
    () => `${path(choice, 1)}${args(choice)}`,
    () => `/${computedPath(choice)}`.replace('//', '/'),
    () => computedPath(choice),
    () => (named.length > 0 ? choice.pick(named) : '@gone'),
    () => (named.length > 0 ? choice.pick(named) : '/none'),
    () => `http://other.example${computedPath(choice)}`,
  ])()
  return line('error_page', ...codes, ...(change === '' ? [] : [change]), quoted(to))
}

/** Directives of all three contexts; no two of a name, unless it may come again. */
export function inherited(choice: Choice, named: readonly string[], percent: number): Directive[] {
  const single = [
    () => line('absolute_redirect', choice.pick(['on', 'off'])),
    () => line('port_in_redirect', choice.pick(['on', 'off'])),
    () => line('server_name_in_redirect', choice.pick(['on', 'off'])),
    () => line('recursive_error_pages', choice.pick(['on', 'on', 'off'])),
    () => line('index', ...choice.several(1, 3, () => index(choice))),
    () => line('proxy_intercept_errors', choice.pick(['on', 'off'])),
    () => line('default_type', choice.pick(['text/plain', 'text/html', '""'])),
    () => line('log_not_found', 'off'),
    () => line('etag', 'off'),
  ]
  return [
    ...choice.some(single, percent).map(make => make()),
    ...(choice.chance(percent * 2) ? choice.several(1, 3, () => errorPage(choice, named)) : []),
  ]
}

export function rooted(choice: Choice): Directive {
  return line('root', quoted(root(choice)))
}

function index(choice: Choice): string {
  return choice.pick([
    'index.html',
    'index.html',
    'c.txt',
    'none',
    '$v1',
    'b/index.html',
    '/b.html',
    '/a/c.txt',
    '$arg_x',
  ])
}
