// The blocks that hold the others: events, http, server, location, limit_except; and where a server listens and under
// which names. What they come to is put together in `finish.ts`.

import { readListen } from '../listen.ts'
import { checkServerNames } from '../name-conflicts.ts'
import { list } from '../rows.ts'
import { readServerName } from '../server-name.ts'
import type { ListenConfig, LocationConfig, ServerName } from '../site.ts'
import type { Context, Level, Module, Reading, Row } from '../table.ts'
import type { DirectiveNode } from '../tree.ts'

/** What a server says of itself beside its settings. */
export interface ServerDraft {
  listen?: readonly ListenDraft[]
  serverNames?: readonly ServerName[]
  /** As written, first to last: the first is `$server_name`. */
}

export type ListenDraft = Omit<ListenConfig, 'servers'> & {
  readonly isDefault: boolean
  /** It is for HTTP/3. */
  readonly quic: boolean
}

/** What a location says of itself beside its settings. */
export interface LocationDraft {
  match?: Pick<LocationConfig, 'kind' | 'path' | 'caseless' | 'condition'>
}

function block(name: string, places: readonly Context[], context: Context): Row {
  return {
    name,
    in: places,
    args: 0,
    block: true,
    repeats: name === 'server',
    take(node, level, reading) {
      const within = reading.enter(context, node, level)
      reading.walk(node.block ?? [], within)
    },
  }
}

const location: Row = {
  name: 'location',
  in: ['server', 'location'],
  args: [1, 2],
  block: true,
  repeats: true,
  take(node, level, reading) {
    const match = readLocation(node, reading)
    if (match === null) return
    checkNesting(match, node, level, reading)
    const within = reading.enter('location', node, level)
    within.own.match = match
    reading.walk(node.block ?? [], within)
  },
}

type Match = NonNullable<LocationDraft['match']>

/** Begins with a variable, as no path does: nginx since 1.31.5. */
const PREDICATE = /^\$(?:\w|\{\w)/

// ngx_http_core_location: with two words the first is a modifier; with one, the modifier may stand before the path.
function readLocation(node: DirectiveNode, reading: Reading): Match | null {
  const [first, second] = node.args as [string, string?]
  const [modifier, path] =
    second !== undefined
      ? [first, second]
      : ((/^(=|\^~|~\*|~)(.*)$/s.exec(first)?.slice(1) as [string, string] | undefined) ?? ['', first])
  if (second !== undefined && modifier === '') {
    reading.problem('invalid location modifier ""', node.at)
    return null
  }
  switch (modifier) {
    case '=':
      return { kind: 'exact', path, caseless: false }
    case '^~':
      return { kind: 'prefix first', path, caseless: false }
    case '~':
      return { kind: 'regex', path, caseless: false }
    case '~*':
      return { kind: 'regex', path, caseless: true }
    case '':
      if (PREDICATE.test(path))
        return { kind: 'predicate', path, caseless: false, condition: { text: path, at: node.at } }
      return { kind: path.startsWith('@') ? 'named' : 'prefix', path, caseless: false }
    default:
      reading.problem(`invalid location modifier "${modifier}"`, node.at)
      return null
  }
}

function checkNesting(match: Match, node: DirectiveNode, level: Level, reading: Reading): void {
  const name = `location "${match.path}"`
  const outer = level.own.match as Match | undefined
  if (level.context === 'location' && outer !== undefined) {
    if (outer.kind === 'exact')
      reading.problem(`${name} cannot be inside the exact location "${outer.path}"`, node.at)
    else if (outer.kind === 'named')
      reading.problem(`${name} cannot be inside the named location "${outer.path}"`, node.at)
    else if (match.kind === 'named') reading.problem(`named ${name} can be on the server level only`, node.at)
    else if (mustBeWithin(match, outer) && !match.path.startsWith(outer.path))
      reading.problem(`${name} is outside location "${outer.path}"`, node.at)
  }
  const twin = level.within.find(
    ({ own }) => own.match !== undefined && sameLocation(own.match as Match, match),
  )
  if (twin !== undefined) reading.problem(`duplicate ${name}`, node.at)
}

// Of a regular expression that holds others nginx takes the text for a path.
function mustBeWithin(match: Match, outer: Match): boolean {
  return match.kind !== 'regex' && match.kind !== 'predicate' && outer.kind !== 'predicate'
}

function sameLocation(a: Match, b: Match): boolean {
  const prefix = (kind: Match['kind']) => kind === 'prefix' || kind === 'prefix first'
  if (a.path !== b.path) return false
  // Of two with the same name nginx takes the first, without a word.
  return (a.kind === 'exact' && b.kind === 'exact') || (prefix(a.kind) && prefix(b.kind))
}

const METHODS = new Set(
  'GET HEAD POST PUT DELETE MKCOL COPY MOVE OPTIONS PROPFIND PROPPATCH LOCK UNLOCK PATCH'.split(' '),
)

const limitExcept: Row = {
  name: 'limit_except',
  in: ['location'],
  args: [1, Number.POSITIVE_INFINITY],
  block: true,
  take(node, level, reading) {
    const within = reading.enter('limit_except', node, level)
    // GET allows HEAD as well (ngx_http_core_limit_except).
    const methods = node.args.map(method => method.toUpperCase())
    const unknown = node.args.find((_, index) => !METHODS.has(methods[index]!))
    if (unknown !== undefined) reading.problem(`invalid method "${unknown}"`, node.at)
    within.own.methods = methods.includes('GET') ? [...methods, 'HEAD'] : methods
    reading.walk(node.block ?? [], within)
  },
}

export const blocks: Module = {
  name: 'ngx_http_core_module',
  rows: [
    block('http', ['main'], 'http'),
    block('events', ['main'], 'events'),
    block('server', ['http'], 'server'),
    location,
    limitExcept,
    list('listen', ['server'], [1, Number.POSITIVE_INFINITY], 'listen', readListen),
    list('server_name', ['server'], [1, Number.POSITIVE_INFINITY], 'serverNames', (node, reading) =>
      node.args.flatMap(name => readServerName(name, node, reading)),
    ),
  ],
  defaults: {},
  check: (site, _, reading) => checkServerNames(site, reading),
}
