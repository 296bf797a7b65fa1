// Groups of servers that requests are passed on to (ngx_http_upstream_module and the balancing modules beside it).

import type { Balance, GroupConfig, GroupServer } from '../group-config.ts'
import { readResolver, withTimeout } from '../resolver.ts'
import { harmless, own, refused, time } from '../rows.ts'
import { invalidValue, type Level, type Module, type Reading, type Row } from '../table.ts'
import type { DirectiveNode } from '../tree.ts'
import { readNumber, readSize, readTime } from '../units.ts'
import { readServer, type Unsupported } from '../upstream-server.ts'
import { NOTHING_SAID } from './shield.ts'

/** What an upstream block says of itself. */
interface UpstreamDraft {
  servers?: GroupServer[]
  balance?: Balance
  upstreamResolver?: readonly string[]
  resolverTimeout?: number
}

const HERE = ['upstream'] as const
const FRESH = 'each request has a fresh connection, so that no worker is held by an idle one'
const STICKY = '"ip_hash", or "hash $cookie_name consistent", keeps a client at one server'

const upstreamBlock: Row = {
  name: 'upstream',
  in: ['http'],
  args: 1,
  block: true,
  repeats: true,
  take(node, level, reading) {
    const name = node.args[0]!
    const within = reading.enter('upstream', node, level)
    reading.walk(node.block ?? [], within)
    const {
      servers = [],
      balance = { by: 'round robin' },
      upstreamResolver = [],
      resolverTimeout = null,
    } = within.own as UpstreamDraft
    if (reading.site.groups.some(other => other.name.toLowerCase() === name.toLowerCase())) {
      reading.problem(`duplicate upstream "${name}"`, node.at)
      return
    }
    const lines = node.block?.filter(({ name: each }) => each === 'server') ?? []
    if (lines.length === 0) reading.problem('no servers are inside upstream', node.at)
    else if (servers.length > 0 && servers.every(({ backup }) => backup))
      reading.problem(`no servers in upstream "${name}"`, node.at)
    const shield = { ...NOTHING_SAID, ...(within.own.shield as object | undefined) }
    const group: GroupConfig = {
      name,
      // Who names name servers in the block itself means them for all of its names.
      servers: upstreamResolver.length === 0 ? servers : servers.map(each => ({ ...each, resolve: true })),
      balance,
      named: true,
      resolver: withTimeout(upstreamResolver, resolverTimeout),
      shield,
      at: node.at,
    }
    reading.site.groups.push(group)
  },
}

const server: Row = {
  name: 'server',
  in: HERE,
  args: [1, Number.POSITIVE_INFINITY],
  repeats: true,
  take(node, { own: draft }, reading) {
    const { balance, servers = [] } = draft as UpstreamDraft
    const read = readServer(node, unsupportedBy(balance), reading)
    if (read !== null) draft.servers = [...servers, read]
  },
}

/** A key decides where a request goes: there is no second choice to keep in reserve. */
function unsupportedBy(balance: Balance | undefined): Unsupported[] {
  const by = balance?.by ?? 'round robin'
  return by === 'round robin' || by === 'least conn' ? [] : ['backup']
}

function balance(
  name: string,
  args: Row['args'],
  read: (node: DirectiveNode, reading: Reading) => Balance | null,
): Row {
  return {
    name,
    in: HERE,
    args,
    repeats: true,
    take(node, level, reading) {
      const found = read(node, reading)
      if (found === null) return
      if (level.own.balance !== undefined) reading.remark('warn', 'load balancing method redefined', node.at)
      level.own.balance = found
    },
  }
}

function readHash({ args, at }: DirectiveNode, reading: Reading): Balance | null {
  if (args[1] !== undefined && args[1] !== 'consistent') {
    reading.problem(`invalid parameter "${args[1]}"`, at)
    return null
  }
  return { by: 'hash', key: { text: args[0]!, at }, consistent: args[1] !== undefined }
}

function readRandom({ args, at }: DirectiveNode, reading: Reading): Balance | null {
  const wrong = args[0] !== undefined && args[0] !== 'two' ? args[0] : args[1]
  if (wrong === undefined || wrong === 'least_conn') return { by: 'random', two: args[0] === 'two' }
  reading.problem(`invalid parameter "${wrong}"`, at)
  return null
}

/** Accepted without effect, once its value is one that nginx takes. */
function fresh(name: string, isValid: (value: string) => boolean): Row {
  const check = (node: DirectiveNode, _level: Level, reading: Reading): void => {
    if (!isValid(node.args[0]!)) reading.problem(invalidValue(node, node.args[0]!), node.at)
  }
  return { ...harmless(name, HERE, 1, FRESH), take: check }
}

const zone: Row = {
  ...harmless('zone', HERE, [1, 2], 'all requests of this proxy share one state of the group'),
  repeats: true,
  take({ args: [name, size], at }, _level, reading) {
    if (name === '') reading.problem('invalid zone name ""', at)
    else if (size !== undefined && readSize(size) === null) reading.problem(`invalid zone size "${size}"`, at)
    // nginx wants eight pages of it.
    else if (size !== undefined && readSize(size)! < 32_768)
      reading.problem(`zone "${name}" is too small`, at)
  },
}

/** nginx's commercial queue is what every group has here. */
const queue: Row = {
  name: 'queue',
  in: HERE,
  args: [1, 2],
  take({ args: [size, timeout], at }, level, reading) {
    const [, time] = /^timeout=(.*)$/.exec(timeout ?? 'timeout=60s') ?? []
    const ms = time === undefined ? null : readTime(time)
    const most = readNumber(size!)
    if (most === null) reading.problem(`invalid value "${size}" in "queue" directive`, at)
    else if (ms === null) reading.problem(`invalid parameter "${timeout}"`, at)
    else level.own.shield = { ...(level.own.shield as object), queueSize: most, queueTimeout: ms }
  },
}

export const upstream: Module = {
  name: 'ngx_http_upstream_module',
  rows: [
    upstreamBlock,
    server,
    balance('least_conn', 0, () => ({ by: 'least conn' })),
    balance('ip_hash', 0, () => ({ by: 'ip hash' })),
    balance('hash', [1, 2], readHash),
    balance('random', [0, 2], readRandom),
    zone,
    queue,
    fresh('keepalive', value => /^[1-9]\d{0,8}$/.test(value)),
    fresh('keepalive_requests', value => readNumber(value) !== null),
    fresh('keepalive_time', value => readTime(value) !== null),
    fresh('keepalive_timeout', value => readTime(value) !== null),
    own('resolver', HERE, [1, Number.POSITIVE_INFINITY], 'upstreamResolver', readResolver),
    time('resolver_timeout', HERE, 'resolverTimeout'),
    refused('least_time', HERE, 'write "least_conn": the least busy server is nearly always the quickest'),
    refused('sticky', HERE, STICKY),
    refused('sticky_cookie_insert', HERE, STICKY),
    refused(
      'ntlm',
      HERE,
      'NTLM ties a login to a connection, and connections to workers carry one request each',
    ),
    refused('state', HERE, 'write the servers into the block; SIGHUP re-reads the file'),
  ],
  defaults: {},
}
