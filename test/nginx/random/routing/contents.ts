// What answers in a place: files, an app, and what leads to either.

import type { Choice } from '../choice.ts'
import { block, type Directive, line, quoted } from '../directive.ts'
import { returned } from './rewriting.ts'
import { APPS, args, computedPath, path, root, variable } from './words.ts'

export interface Place {
  /** Null: a server. */
  readonly kind: 'prefix' | 'exact' | 'regex' | 'named' | 'if' | null
  /** Named locations of the server. */
  readonly named: readonly string[]
}

/** Directives by which a place answers; some have none of their own. */
export function content(choice: Choice, place: Place): Directive[] {
  const made = choice.below(100)
  if (made < 22) return [returned(choice)]
  if (made < 45) return passing(choice, place)
  if (made < 60) return [line('root', quoted(root(choice)))]
  if (made < 70 && place.kind !== 'named') return [line('alias', quoted(aliased(choice)))]
  if (made < 82) return [tryFiles(choice, place)]
  if (made < 88) return [line('root', quoted(root(choice))), tryFiles(choice, place)]
  if (made < 92 && place.kind !== 'named')
    return [line('alias', quoted(aliased(choice))), tryFiles(choice, place)]
  return []
}

function aliased(choice: Choice): string {
  if (choice.chance(60)) return root(choice)
  return choice.pick([
    '/srv/odd/c.txt',
    '/srv/odd/$1',
    '/srv/odd/a/$1',
    '/srv/odd$uri',
    '/srv/odd/b/',
    '/srv/odd/a/',
  ])
}

export function tryFiles(choice: Choice, { named }: Place): Directive {
  const tries = choice.several(1, 3, () =>
    choice.pick([
      () => '$uri',
      () => '$uri/',
      () => path(choice, 1),
      () => computedPath(choice),
      () => `${variable(choice)}.html`,
      () => '$uri/index.html',
      () => '$1',
    ])(),
  )
  const last = choice.pick([
    () => `=${choice.pick([404, 403, 204, 301, 500, 502])}`,
    () => path(choice),
    () => `${computedPath(choice)}${choice.chance(40) ? args(choice) : ''}`,
    () => '/index.html',
    () => (named.length > 0 ? choice.pick(named) : '/b.html'),
    () => (named.length > 0 ? choice.pick(named) : '=404'),
  ])()
  return line('try_files', ...tries.map(quoted), quoted(last))
}

function passing(choice: Choice, { kind }: Place): Directive[] {
  const app = choice.pick(APPS)
  const computed = () =>
    choice.pick([
      () => `http://${app}${computedPath(choice)}${variable(choice)}`,
      () => `http://${app}$request_uri`,
      () => `http://${app}$uri`,
      () => `http://${app}/p$1${args(choice)}`,
      () => `http://${app}$uri$is_args$args`,
      () => `http://${app}$v1`,
      () => 'http://$backend',
      () => 'http://$backend/p',
      () => '$scheme://$backend$uri',
    ])()
  const plain = kind === 'prefix' || kind === 'exact'
  const to = choice.pick([
    () => `http://${app}`,
    () => `http://${app}`,
    () => (plain ? `http://${app}/` : `http://${app}`),
    () => (plain ? `http://${app}${path(choice)}` : `http://${app}`),
    () => (plain ? `http://${app}${path(choice)}${choice.chance(50) ? '?y=1' : ''}` : computed()),
    computed,
    computed,
  ])()
  const more = [
    () => line('proxy_intercept_errors', 'on'),
    () => line('proxy_set_header', 'X-Seen', '"$uri|$args|$1|$v1"'),
    () => line('proxy_set_header', 'Host', choice.pick(['$host', '$http_host', '$proxy_host', '"x$v1"'])),
    () => line('proxy_method', 'POST'),
  ]
  const said = kind === 'if' ? [] : choice.some(more, 25).map(make => make())
  return [line('proxy_pass', quoted(to)), ...said]
}

/** What an `if` of a location may hold beside rewrites. */
export function contentOfIf(choice: Choice): Directive[] {
  const place: Place = { kind: 'if', named: [] }
  return choice.pick([
    () => [],
    () => [],
    () => passing(choice, place),
    () => [line('root', quoted(root(choice)))],
    () => [line('add_header', 'X-If', '"$uri|$1"', 'always')],
    () => [line('error_page', '404', '/b.html')],
  ])()
}

export function exceptMethods(choice: Choice): Directive {
  const inner = choice.pick([
    () => [line('deny', 'all')],
    () => [line('deny', 'all')],
    () => [line('proxy_pass', `http://${choice.pick(APPS)}`)],
    () => [line('allow', 'all')],
  ])()
  return block(['limit_except', ...choice.pick([['GET'], ['POST'], ['GET', 'POST'], ['PUT']])], inner)
}
