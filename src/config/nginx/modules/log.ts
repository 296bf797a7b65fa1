// Access logs and their formats, and the error log (ngx_http_log_module and nginx's core).

import { list, own } from '../rows.ts'
import type { ErrorLevel, ErrorLogConfig, LogFormatConfig, Script } from '../site.ts'
import {
  type Context,
  EVERYWHERE,
  EVERYWHERE_AND_IF,
  fromPrefix,
  type Level,
  type Module,
  type Reading,
} from '../table.ts'
import type { DirectiveNode } from '../tree.ts'
import { readNumber, readSize, readTime } from '../units.ts'
import { readSyslog, type Syslog } from './syslog.ts'

export interface AccessLog {
  /** An absolute path, where it holds no variable a constant one; or a syslog server. */
  readonly to: Script | Syslog
  /** A format's name in lower case. */
  readonly format: string
  /** Bytes that are gathered before they are written; 0: each line at once. */
  readonly buffer: number
  /** The longest that a line is held back, in milliseconds; 0: until the buffer is full. */
  readonly flush: number
  /** zlib's level; 0: not compressed. */
  readonly gzip: number
  /** Nothing is written where this comes to nothing or to `0`. */
  readonly condition: Script | null
}

/** How long log files whose names hold variables stay open between lines, and how many of them. */
export interface LogFileCache {
  readonly max: number
  /** One that has had no line for so long is closed, in milliseconds. */
  readonly inactive: number
  /** One that has had fewer lines is closed after each. */
  readonly minUses: number
  /** Whether its name still leads to it is looked at so often, in milliseconds. */
  readonly valid: number
}

export interface LogSettings {
  /** None: `off`. Null: the file never speaks of access logs here. */
  readonly accessLogs: readonly AccessLog[] | null
  /** None: those of the main context. */
  readonly errorLog: readonly ErrorLogConfig[]
  /** Null: log files whose names hold variables are opened each time. */
  readonly logFileCache: LogFileCache | null
}

const OFF: readonly AccessLog[] = []
const ERROR_LEVELS: readonly ErrorLevel[] = [
  'debug',
  'info',
  'notice',
  'warn',
  'error',
  'crit',
  'alert',
  'emerg',
]
const DEBUG = /^debug_(?:core|alloc|mutex|event|http|mail|stream)$/
const ACCESS: readonly Context[] = [...EVERYWHERE_AND_IF, 'limit_except']
/** What `gzip` implies where no buffer is said. */
const GZIP_BUFFER = 65_536

export const log: Module = {
  name: 'ngx_http_log_module',
  rows: [
    {
      name: 'access_log',
      in: ACCESS,
      args: [1, Number.POSITIVE_INFINITY],
      repeats: true,
      take(node, level, reading) {
        if (node.args[0] === 'off') {
          level.own.accessLogs = OFF
          if (node.args.length > 1) reading.problem(`invalid parameter "${node.args[1]}"`, node.at)
          return
        }
        const read = readAccessLog(node, level, reading)
        if (read === null || level.own.accessLogs === OFF) return
        level.own.accessLogs = [...((level.own.accessLogs ?? []) as readonly AccessLog[]), read]
      },
    },
    {
      name: 'log_format',
      in: ['http'],
      args: [2, Number.POSITIVE_INFINITY],
      repeats: true,
      take(node, _level, reading) {
        const read = readFormat(node, reading)
        if (read !== null) reading.site.logFormats.push(read)
      },
    },
    list('error_log', ['main', ...EVERYWHERE], [1, Number.POSITIVE_INFINITY], 'errorLog', readErrorLog),
    own('open_log_file_cache', EVERYWHERE, [1, 4], 'logFileCache', readLogFileCache),
  ],
  defaults: { accessLogs: null, errorLog: [], logFileCache: null },
}

function readAccessLog(node: DirectiveNode, _level: Level, reading: Reading): AccessLog | null {
  const { args, at } = node
  const wrong = (message: string): null => {
    reading.problem(message, at)
    return null
  }
  const [path, format = 'combined', ...parameters] = args as [string, string?, ...string[]]
  const to = path.startsWith('syslog:')
    ? readSyslog(path, node, reading)
    : { text: fromPrefix(path, reading), at }
  if (to === null) return null
  if (formatNamed(format, reading) === undefined) return wrong(`unknown log format "${format}"`)
  let [buffer, flush, gzip] = [0, 0, 0]
  let condition: Script | null = null
  for (const parameter of parameters) {
    const [, name, value] = /^(buffer|flush|gzip|if)(?:=(.*))?$/s.exec(parameter) ?? []
    if (name === undefined || (value === undefined && name !== 'gzip')) {
      return wrong(`invalid parameter "${parameter}"`)
    }
    if (name === 'buffer') {
      buffer = readSize(value!) ?? 0
      if (buffer === 0) return wrong(`invalid buffer size "${value}"`)
    } else if (name === 'flush') {
      flush = readTime(value!) ?? 0
      if (flush === 0) return wrong(`invalid flush time "${value}"`)
    } else if (name === 'gzip') {
      if (buffer === 0) buffer = GZIP_BUFFER
      gzip = value === undefined ? 1 : /^[1-9]$/.test(value) ? Number(value) : 0
      if (gzip === 0) return wrong(`invalid compression level "${value}"`)
    } else condition = { text: value!, at }
  }
  if (flush > 0 && buffer === 0) return wrong(`no buffer is defined for access_log "${path}"`)
  if (buffer > 0 && !('text' in to)) return wrong('logs to syslog cannot be buffered')
  if (buffer > 0 && path.includes('$')) return wrong('buffered logs cannot have variables in name')
  return { to, format: format.toLowerCase(), buffer, flush, gzip, condition }
}

// `off` wins wherever it stands in the line (ngx_http_log_open_file_cache).
function readLogFileCache({ args, at }: DirectiveNode, reading: Reading): LogFileCache | null | undefined {
  const terms = { max: 0, inactive: 10_000, min_uses: 1, valid: 60_000 }
  for (const parameter of args) {
    if (parameter === 'off') continue
    const [, name, value] = /^(max|inactive|min_uses|valid)=(.*)$/s.exec(parameter) ?? []
    const isCount = name === 'max' || name === 'min_uses'
    const number = value === undefined ? null : isCount ? readNumber(value) : readSeconds(value)
    if (number === null) {
      reading.problem(`invalid "open_log_file_cache" parameter "${parameter}"`, at)
      return undefined
    }
    terms[name as keyof typeof terms] = number
  }
  const { max, inactive, min_uses: minUses, valid } = terms
  if (args.includes('off')) return null
  if (max > 0) return { max, inactive, minUses, valid }
  reading.problem('"open_log_file_cache" must have "max" parameter', at)
  return undefined
}

// Times that nginx counts in seconds know no `ms`.
function readSeconds(text: string): number | null {
  return text.includes('ms') ? null : readTime(text)
}

// nginx minds the case of names when it looks for a duplicate, and not when it looks for a format.
function formatNamed(name: string, { site }: Reading): string | undefined {
  const lower = name.toLowerCase()
  return ['combined', ...site.logFormats.map(each => each.name)].find(each => each.toLowerCase() === lower)
}

function readFormat({ args, at }: DirectiveNode, reading: Reading): LogFormatConfig | null {
  const [name, ...texts] = args as [string, ...string[]]
  if (name === 'combined' || reading.site.logFormats.some(each => each.name === name)) {
    reading.problem(`duplicate "log_format" name "${name}"`, at)
    return null
  }
  let escaping: LogFormatConfig['escape'] = 'default'
  if (texts[0]?.startsWith('escape=')) {
    const word = texts.shift()!.slice('escape='.length)
    if (word !== 'default' && word !== 'json' && word !== 'none') {
      reading.problem(`unknown log format escaping "${word}"`, at)
      return null
    }
    escaping = word
  }
  return { name, escape: escaping, format: { text: texts.map(closed).join(''), at } }
}

// A variable ends with the word that it stands in, whatever the next one begins with. Of captures logs know nothing, and
// what looks like one is a variable that nobody has (ngx_http_log_compile_format).
function closed(text: string): string {
  return text.replace(/\$(\w+$|\d\w*)/g, (_, name: string) => `\${${name}}`)
}

function readErrorLog(node: DirectiveNode, reading: Reading): ErrorLogConfig[] {
  const { at } = node
  const [path, ...levels] = node.args as [string, ...string[]]
  let level: ErrorLevel | null = null
  for (const word of levels) {
    if (DEBUG.test(word)) level ??= 'debug'
    else {
      const known = ERROR_LEVELS.find(each => each === word)
      if (known === undefined) reading.problem(`invalid log level "${word}"`, at)
      else if (level !== null) reading.problem(`duplicate log level "${word}"`, at)
      else level = known
    }
  }
  level ??= 'error'
  if (path.startsWith('memory:')) {
    reading.remark('notice', '"error_log memory:" has no effect: there is no memory dump to read it from', at)
    return []
  }
  if (!path.startsWith('syslog:')) {
    return [{ path: path === 'stderr' ? path : fromPrefix(path, reading), level, syslog: null }]
  }
  const syslog = readSyslog(path, node, reading)
  return syslog === null ? [] : [{ path, level, syslog }]
}
