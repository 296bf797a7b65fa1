// Requests that meet what a file says, with all that a target may hold.

import type { TestRequest } from '../../requests.ts'
import type { Choice } from '../choice.ts'
import { path } from './words.ts'

const HOSTS = [
  ...[
    'app.example',
    'app.example',
    'app.example',
    'www.app.example',
    'b.app.example',
    'a.b.app.example',
    'APP.example',
  ],
  ...['other.example', 'app.example.', 'app.example:81', '127.0.0.1', 'www.other.test', 'x_y'],
]
const ARGS = [
  '',
  '',
  '',
  '',
  '?',
  '?x=1',
  '?x=a&y=2',
  '?x=a%20b',
  '?x=/a/b',
  '?x=%2Fa',
  '?x',
  '??x=1',
  '?x=a+b&x=c',
  '?&',
  '?y=2&X=1',
]
const APP_STATUSES = [
  '404 Not Found',
  '500 Broken',
  '403 Forbidden',
  '302 Found',
  '204 No Content',
  '503 Away',
]

export function targetsOf(
  choice: Choice,
  paths: readonly string[],
  ports: readonly number[],
  count: number,
): TestRequest[] {
  return Array.from({ length: count }, () => request(choice, paths, ports))
}

function request(choice: Choice, paths: readonly string[], ports: readonly number[]): TestRequest {
  const old = choice.chance(10)
  const host = choice.pick(HOSTS)
  const own = `${odd(choice, aimed(choice, paths))}${choice.pick(ARGS)}`
  const whole = choice.chance(6) && !host.includes('_') && own.startsWith('/')
  const method = choice.pick(['GET', 'GET', 'GET', 'GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'OPTIONS'])
  const fields = old && choice.chance(40) ? ['Host:'] : [`Host: ${host}`]
  if (choice.chance(15)) fields.push(`App-Status: ${choice.pick(APP_STATUSES)}`)
  if (choice.chance(8)) fields.push(`App-Field: X-Accel-Redirect: ${path(choice)}${choice.pick(ARGS)}`)
  if (choice.chance(8)) fields.push(`App-Field: Location: http://127.0.0.1:8001${path(choice)}`)
  if (choice.chance(10)) fields.push(`X-Flag: ${choice.pick(['1', '0', 'a', '/a/b'])}`)
  if (choice.chance(10)) fields.push(`Cookie: c=${choice.pick(['1', '0', 'a'])}`)
  return {
    method,
    target: whole ? `http://${host}${own}` : own,
    version: old ? 'HTTP/1.0' : 'HTTP/1.1',
    port: choice.pick(ports),
    fields,
    body: method === 'POST' || method === 'PUT' ? 'body\n' : null,
    times: 1,
  }
}

/** A path that the file speaks of, one below it, or any. */
function aimed(choice: Choice, paths: readonly string[]): string {
  if (paths.length === 0 || choice.chance(30)) return path(choice)
  const one = choice.pick(paths)
  const below = choice.below(10)
  if (below < 5) return one
  if (below < 8) return `${one.replace(/\/$/, '')}${path(choice)}`
  return one.endsWith('/') ? one.slice(0, -1) : `${one}${choice.pick(['/', 'x', '.txt', '.html'])}`
}

/** The same place in other words, or nearly. */
function odd(choice: Choice, plain: string): string {
  if (choice.chance(60)) return plain
  const at = choice.below(plain.length)
  const spliced = (put: string) => `${plain.slice(0, at)}${put}${plain.slice(at)}`
  return choice
    .pick([
      () => plain.replace(/[a-z](?=[^%]*$)/, letter => `%${letter.charCodeAt(0).toString(16)}`),
      () => plain.replace('/', '//'),
      () => plain.replace(/\/(?=[^/]*$)/, '//'),
      () => plain.replace(/\/(?=[^/]*$)/, '/./'),
      () => plain.replace(/\/(?=[^/]*$)/, '/x/../'),
      () => `${plain}/..`,
      () => `${plain}/.`,
      () => plain.replace(/\/(?=[^/]*$)/, '%2f'),
      () => `/..${plain}`,
      () => spliced('%20'),
      () => spliced('%25'),
      () => spliced('%3f'),
      () => spliced('%C3%A9'),
      () => spliced('\xe9'),
      () => spliced('+'),
      () => spliced('%2B&='),
      () => spliced(';'),
      () => spliced('%2e'),
      () => spliced('"'),
      () => spliced('%22'),
      () => spliced('%7f'),
      () => spliced('%01'),
      () => spliced("'|"),
      () => spliced('%5c'),
      () => spliced('%zz'),
      () => spliced('%00'),
    ])()
    .replace(/%(?:%[0-9a-f]{2}|$)/i, '')
}
