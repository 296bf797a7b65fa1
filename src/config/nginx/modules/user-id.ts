// Cookies that tell clients apart: userid and what goes with it (ngx_http_userid_module).

import { chosen, own, text } from '../rows.ts'
import { EVERYWHERE, type Level, type Module, type Reading } from '../table.ts'
import type { DirectiveNode } from '../tree.ts'
import { readTime } from '../units.ts'

export interface UserIdSettings {
  /** `log`: a cookie is read, and none is given; `v1`: one of the form of old is. */
  readonly userid: 'off' | 'log' | 'v1' | 'on'
  /** Which server gave it; null: its address says. */
  readonly useridService: number | null
  readonly useridName: string
  /** Empty: the host that gave it. */
  readonly useridDomain: string
  readonly useridPath: string
  /** Seconds; `max`: to the end of 2037; 0: until the browser ends. */
  readonly useridExpires: number | 'max'
  /** Attributes, each with what stands before it. */
  readonly useridFlags: string
  /** Empty: no field says so. */
  readonly useridP3p: string
  /** One letter, digit or `=` in place of the cookie's first padding: without it a cookie is given anew; empty: none. */
  readonly useridMark: string
}

const FLAGS = ['secure', 'httponly', 'samesite=strict', 'samesite=lax', 'samesite=none']

export const userId: Module = {
  name: 'ngx_http_userid_module',
  rows: [
    own('userid', EVERYWHERE, 1, 'userid', ({ args, at }, reading) => {
      const value = args[0]!.toLowerCase()
      if (['off', 'log', 'v1', 'on'].includes(value)) return value
      reading.problem(`invalid value "${args[0]}"`, at)
      return undefined
    }),
    own('userid_service', EVERYWHERE, 1, 'useridService', (node, reading) => {
      if (/^\d{1,10}$/.test(node.args[0]!)) return Number(node.args[0]) >>> 0
      reading.problem('"userid_service" directive invalid number', node.at)
      return undefined
    }),
    text('userid_name', EVERYWHERE, 'useridName'),
    own('userid_domain', EVERYWHERE, 1, 'useridDomain', unlessNone),
    text('userid_path', EVERYWHERE, 'useridPath'),
    own('userid_expires', EVERYWHERE, 1, 'useridExpires', readExpires),
    { ...own('userid_flags', EVERYWHERE, [1, 3], 'useridFlags', readFlags), repeats: true },
    own('userid_p3p', EVERYWHERE, 1, 'useridP3p', unlessNone),
    own('userid_mark', EVERYWHERE, 1, 'useridMark', readMark),
  ],
  defaults: {
    userid: 'off',
    useridService: null,
    useridName: 'uid',
    useridDomain: '',
    useridPath: '/',
    useridExpires: 0,
    useridFlags: '',
    useridP3p: '',
    useridMark: '',
  },
}

function unlessNone({ args }: DirectiveNode): string {
  return args[0] === 'none' ? '' : args[0]!
}

/** NGX_MAX_INT_T_VALUE of times: 68 years, in milliseconds. */
const TOO_LONG = 2 ** 31 * 1000

function readExpires(
  { args, at }: DirectiveNode,
  reading: Reading,
): UserIdSettings['useridExpires'] | undefined {
  const written = args[0]!
  if (written === 'max') return 'max'
  if (written === 'off') return 0
  const ms = readTime(written)
  if (ms === null) reading.problem('"userid_expires" directive invalid value', at)
  else if (ms >= TOO_LONG) reading.problem('"userid_expires" directive value must be less than 68 years', at)
  else return Math.floor(ms / 1000)
  return undefined
}

function readFlags(node: DirectiveNode, reading: Reading, { own: { useridFlags = '' } }: Level): string {
  const before = (useridFlags as string).split('; ').filter(flag => flag !== '')
  const said = chosen(node, ['off', ...FLAGS], before, reading)
  return said.includes('off')
    ? ''
    : FLAGS.filter(flag => said.includes(flag))
        .map(flag => `; ${flag}`)
        .join('')
}

function readMark({ args, at }: DirectiveNode, reading: Reading): string | undefined {
  const written = args[0]!
  if (written === 'off') return ''
  if (/^[\dA-Za-z=]$/.test(written)) return written
  reading.problem('"userid_mark" directive value must be "off" or a single letter, digit or "="', at)
  return undefined
}
