// The language of rewrites: `set`, `if`, `rewrite`, `return` and `break`.

import type { Choice } from '../choice.ts'
import { block, type Directive, line, quoted } from '../directive.ts'
import { args, computedPath, expression, path, text, variable } from './words.ts'

const CODES = [200, 204, 301, 302, 303, 307, 308, 400, 403, 404, 405, 410, 418, 444, 499, 500, 502, 503]

/** Where it stands: what an `if` may hold depends on that. */
export type Around = 'server' | 'location'

/** Made by what stands around: an `if` may hold more than rewrites. */
export type Inner = (choice: Choice) => Directive[]

export function rewriting(choice: Choice, inner: Inner): Directive[] {
  const made = choice.below(100)
  if (made < 30) return [rewrite(choice)]
  if (made < 55) return [set(choice)]
  if (made < 75) return [when(choice, inner)]
  if (made < 92) return [returned(choice)]
  if (made < 96) return [line('break')]
  return [set(choice), rewrite(choice)]
}

export function set(choice: Choice): Directive {
  const value = choice.pick([
    () => text(choice),
    () => computedPath(choice),
    () => choice.pick(['0', '', '1', '/a', 'a', '/srv/odd/c.txt', '127.0.0.1:8001', 'http://127.0.0.1:8002']),
  ])()
  const name = choice.chance(90) ? choice.pick(['$v1', '$v2', '$m1', '$n1']) : choice.pick(['$args', '$v1'])
  return line('set', name, quoted(value))
}

export function rewrite(choice: Choice): Directive {
  const flag = choice.pick(['', '', 'last', 'last', 'break', 'break', 'redirect', 'permanent'])
  const target = choice.pick([
    () => computedPath(choice),
    () => computedPath(choice),
    () => `${computedPath(choice)}${args(choice)}`,
    () => `${path(choice, 1)}${args(choice)}`,
    () => `http://other.example${computedPath(choice)}${choice.chance(40) ? args(choice) : ''}`,
    () => `$scheme://$host${path(choice)}$1`,
    () => `a/${variable(choice)}`,
  ])()
  return line('rewrite', quoted(expression(choice)), quoted(target), ...(flag === '' ? [] : [flag]))
}

export function returned(choice: Choice): Directive {
  const code = String(choice.pick(CODES))
  const url = () =>
    choice.pick([
      () => `http://other.example${computedPath(choice)}`,
      () => computedPath(choice),
      () => `${path(choice)}${args(choice)}`,
      () => `https://$host$request_uri`,
      () => '',
    ])()
  const given = choice.below(10)
  if (given < 4) return line('return', code)
  if (given < 6) return line('return', quoted(`http://other.example${computedPath(choice)}`))
  if (given < 8) return line('return', choice.pick(['301', '302', '303', '307', '308']), quoted(url()))
  return line('return', code, quoted(text(choice)))
}

function when(choice: Choice, inner: Inner): Directive {
  return block(
    ['if', ...condition(choice)],
    [
      ...inner(choice),
      ...choice.several(0, 2, () => choice.pick([set, set, rewrite, returned, () => line('break')])(choice)),
    ],
  )
}

function condition(choice: Choice): string[] {
  // A capture by number is no variable there.
  const name = choice.pick([variable(choice), '$v1']).replace(/^\$\d$/, '$uri')
  const not = choice.pick(['', '!'])
  return choice.pick([
    () => [`(${name})`],
    () => [
      `(${name}`,
      choice.pick(['=', '!=']),
      `${quoted(choice.pick([text(choice), path(choice), '1', 'a', 'GET']))})`,
    ],
    () => [`(${name}`, `${not}${choice.pick(['~', '~*'])}`, `${quoted(expression(choice))})`],
    () => [`($uri`, `${not}~`, `${quoted(expression(choice))})`],
    () => [
      `(${not}-${choice.pick(['f', 'd', 'e', 'x'])}`,
      `${choice.pick(['$request_filename', '/srv/odd$uri', '$v1', '/srv/odd/c.txt', '$document_root/a'])})`,
    ],
    () => ['($request_method', '=', 'POST)'],
  ])()
}
