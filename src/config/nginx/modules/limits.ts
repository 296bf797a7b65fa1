// How often and how many at once: limit_req and limit_conn, and the zones that they count in (nginx's limit_req and
// limit_conn modules).

import { flag, list, own, word } from '../rows.ts'
import type { ZoneConfig } from '../site.ts'
import { EVERYWHERE, type Level, type Module, type Reading, type Row } from '../table.ts'
import type { At, DirectiveNode } from '../tree.ts'
import { readNumber, readSize } from '../units.ts'

export interface RequestLimit {
  readonly zone: string
  /** Requests in thousandths, as everything of a zone of requests. */
  readonly burst: number
  /** How many of the burst go on without a delay, in thousandths; infinite: all (`nodelay`). */
  readonly delay: number
  readonly at: At
}

export interface ConnectionLimit {
  readonly zone: string
  readonly most: number
  readonly at: At
}

export type LimitLevel = 'info' | 'notice' | 'warn' | 'error'

export interface LimitSettings {
  readonly requestLimits: readonly RequestLimit[]
  readonly requestLimitLevel: LimitLevel
  readonly requestLimitStatus: number
  readonly requestLimitDryRun: boolean
  readonly connectionLimits: readonly ConnectionLimit[]
  readonly connectionLimitLevel: LimitLevel
  readonly connectionLimitStatus: number
  readonly connectionLimitDryRun: boolean
}

const LEVELS: readonly LimitLevel[] = ['info', 'notice', 'warn', 'error']
/** nginx asks for eight pages of memory at least. */
const SMALLEST_ZONE = 8 * 4096

export const limits: Module = {
  name: 'ngx_http_limit_req_module',
  rows: [
    zone('limit_req_zone', 3, 'requests'),
    list('limit_req', EVERYWHERE, [1, 3], 'requestLimits', readRequestLimit),
    word('limit_req_log_level', EVERYWHERE, 'requestLimitLevel', LEVELS),
    own('limit_req_status', EVERYWHERE, 1, 'requestLimitStatus', readStatus),
    flag('limit_req_dry_run', EVERYWHERE, 'requestLimitDryRun'),
    zone('limit_conn_zone', 2, 'connections'),
    list('limit_conn', EVERYWHERE, 2, 'connectionLimits', readConnectionLimit),
    word('limit_conn_log_level', EVERYWHERE, 'connectionLimitLevel', LEVELS),
    own('limit_conn_status', EVERYWHERE, 1, 'connectionLimitStatus', readStatus),
    flag('limit_conn_dry_run', EVERYWHERE, 'connectionLimitDryRun'),
  ],
  defaults: {
    requestLimits: [],
    requestLimitLevel: 'error',
    requestLimitStatus: 503,
    requestLimitDryRun: false,
    connectionLimits: [],
    connectionLimitLevel: 'error',
    connectionLimitStatus: 503,
    connectionLimitDryRun: false,
  },
  // A zone may be defined after its first use. A limit holds in the places within as well, and is told once.
  check({ zones }, settings, reading) {
    const places = [...settings]
    for (const limit of new Set(places.flatMap(({ requestLimits }) => requestLimits)))
      mustBeThere(limit, 'requests', zones, reading)
    for (const limit of new Set(places.flatMap(({ connectionLimits }) => connectionLimits)))
      mustBeThere(limit, 'connections', zones, reading)
  },
}

function mustBeThere(
  { zone, at }: RequestLimit | ConnectionLimit,
  kind: ZoneConfig['kind'],
  zones: readonly ZoneConfig[],
  reading: Reading,
): void {
  if (!zones.some(each => each.name === zone && each.kind === kind))
    reading.problem(`zero size shared memory zone "${zone}"`, at)
}

// — zones

function zone(name: string, args: number, kind: ZoneConfig['kind']): Row {
  return {
    name,
    in: ['http'],
    args,
    repeats: true,
    take(node, _level, reading) {
      const read = readZone(node, kind, reading)
      if (read === null) return
      const { caches, zones } = reading.site
      const same = zones.find(each => each.name === read.name)
      if (same === undefined && !caches.some(({ name }) => name === read.name)) zones.push(read)
      else if (same?.kind === kind)
        reading.problem(`${name} "${read.name}" is already bound to key "${same.key.text}"`, node.at)
      else
        reading.problem(
          `the shared memory zone "${read.name}" is already declared for a different use`,
          node.at,
        )
    },
  }
}

function readZone(node: DirectiveNode, kind: ZoneConfig['kind'], reading: Reading): ZoneConfig | null {
  const { at } = node
  const wrong = (message: string): null => {
    reading.problem(message, at)
    return null
  }
  const [key, ...parameters] = node.args as [string, ...string[]]
  let [name, size, rate] = ['', 0, 1_000]
  for (const parameter of parameters) {
    if (parameter.startsWith('zone=')) {
      const colon = parameter.indexOf(':')
      const bytes = colon === -1 ? null : readSize(parameter.slice(colon + 1))
      if (bytes === null) return wrong(`invalid zone size "${parameter}"`)
      name = parameter.slice('zone='.length, colon)
      if (bytes < SMALLEST_ZONE) return wrong(`zone "${name}" is too small`)
      size = bytes
    } else if (kind === 'requests' && parameter.startsWith('rate=')) {
      const [, amount, scale] = /^rate=(\d{1,9})(r\/s|r\/m)?$/.exec(parameter) ?? []
      if (amount === undefined || Number(amount) === 0) return wrong(`invalid rate "${parameter}"`)
      rate = Math.floor((Number(amount) * 1_000) / (scale === 'r/m' ? 60 : 1))
    } else return wrong(`invalid parameter "${parameter}"`)
  }
  if (name === '') return wrong(`"${node.name}" must have "zone" parameter`)
  const common = { name, key: { text: key, at }, size, at }
  return kind === 'requests' ? { kind, ...common, rate } : { kind, ...common }
}

// — limits

function readRequestLimit(node: DirectiveNode, reading: Reading, level: Level): RequestLimit[] {
  const { args, at } = node
  const wrong = (message: string): [] => {
    reading.problem(message, at)
    return []
  }
  let [zone, burst, delay] = ['', 0, 0]
  for (const parameter of args) {
    const [name, value] = parameter.split('=', 2) as [string, string?]
    const amount = readNumber(value ?? '') ?? 0
    if (name === 'zone' && value !== undefined) zone = value
    else if (parameter === 'nodelay') delay = Number.POSITIVE_INFINITY
    else if ((name === 'burst' || name === 'delay') && value !== undefined) {
      if (amount === 0) return wrong(`invalid ${name} value "${parameter}"`)
      if (name === 'burst') burst = amount * 1_000
      else delay = amount * 1_000
    } else return wrong(`invalid parameter "${parameter}"`)
  }
  if (zone === '') return wrong('"limit_req" must have "zone" parameter')
  const before = (level.own.requestLimits ?? []) as readonly RequestLimit[]
  if (before.some(each => each.zone === zone)) return wrong('"limit_req" directive is duplicate')
  return [{ zone, burst, delay, at }]
}

function readConnectionLimit(node: DirectiveNode, reading: Reading, level: Level): ConnectionLimit[] {
  const [zone, amount] = node.args as [string, string]
  const { at } = node
  const before = (level.own.connectionLimits ?? []) as readonly ConnectionLimit[]
  const most = readNumber(amount) ?? 0
  if (before.some(each => each.zone === zone)) reading.problem('"limit_conn" directive is duplicate', at)
  else if (most === 0) reading.problem(`invalid number of connections "${amount}"`, at)
  else if (most > 65_535) reading.problem('connection limit must be less 65536', at)
  else return [{ zone, most, at }]
  return []
}

function readStatus({ name, args, at }: DirectiveNode, reading: Reading): number | undefined {
  const value = readNumber(args[0]!)
  if (value === null) reading.problem(`"${name}" directive invalid number`, at)
  else if (value < 400 || value > 599) reading.problem('value must be between 400 and 599', at)
  else return value
  return undefined
}
