// What holds for every request, wherever its answer comes from: limits and times towards the client, error pages, names
// in redirects (ngx_http_core_module).

import { type ErrorPage, readErrorPage } from '../error-page.ts'
import { readResolver } from '../resolver.ts'
import { count, flag, list, own, several, size, text, time } from '../rows.ts'
import type { Script } from '../site.ts'
import {
  EVERYWHERE,
  EVERYWHERE_AND_IF,
  invalidValue,
  type Level,
  type Module,
  type Reading,
} from '../table.ts'
import type { DirectiveNode } from '../tree.ts'
import { readSize, readTime } from '../units.ts'

export interface CoreSettings {
  /** Bytes; 0: no limit. */
  readonly maxBody: number
  /** Bytes of a body that stay in memory before the disk takes the rest; null: the spool's own measure. */
  readonly bodyMemory: number | null
  readonly bodyTimeout: number
  readonly sendTimeout: number
  readonly headerTimeout: number
  /** Null: the shield's own. 0: connections are closed after each answer. */
  readonly keepaliveTimeout: number | null
  /** What `Keep-Alive: timeout=` says, in milliseconds; 0: nothing is said. */
  readonly keepaliveSays: number
  readonly keepaliveRequests: number | null
  /** Milliseconds that a connection may be used for; null: as long as it is. */
  readonly keepaliveTime: number | null
  /** Browsers whose connections are not used again: `msie6`, `safari`. */
  readonly keepaliveDisabled: readonly string[]
  readonly maxHeader: number
  readonly maxHeaderLines: number
  /** How many fields a head may have. */
  readonly maxHeaders: number
  readonly errorPages: readonly ErrorPage[]
  readonly recursiveErrorPages: boolean
  readonly internal: boolean
  readonly serverTokens: boolean
  /** Pages of errors are made long enough for Internet Explorer and Chrome not to show their own. */
  readonly msiePadding: boolean
  /** Internet Explorer is redirected by a page. */
  readonly msieRefresh: boolean
  readonly absoluteRedirect: boolean
  readonly portInRedirect: boolean
  readonly serverNameInRedirect: boolean
  readonly mergeSlashes: boolean
  readonly underscoresInHeaders: boolean
  readonly ignoreInvalidHeaders: boolean
  readonly chunkedAnswers: boolean
  readonly limitRate: Script | null
  readonly limitRateAfter: Script | null
  readonly logNotFound: boolean
  readonly logSubrequest: boolean
  /** Where one of them is neither empty nor 0, a request's body is taken in before its location is chosen. */
  readonly clientBodyEarlyRead: readonly Script[]
  /** What is asked of the site once the client has its answer: a path, or the name of a location; empty: nothing. */
  readonly postAction: string
  readonly resolver: readonly string[]
  /** An app's 103 is passed on where one of them is neither empty nor `0`; null: nothing is said, and it is. */
  readonly earlyHints: readonly Script[] | null
  /** Milliseconds; null: not said. */
  readonly resolverTimeout: number | null
  /** Of files whose extension `types` does not know. */
  readonly defaultType: string
  /** By extension in lower case; null: nginx's own three. */
  readonly types: Readonly<Record<string, string>> | null
}

/** nginx's own `connection_pool_size`, in bytes. */
const USUAL_POOL = 512

/** Bytes that a line of a head may have at the least: `connection_pool_size`, wherever in the block or around it. */
function leastLine(level: Level): number {
  const said = level.node?.block?.findLast(({ name }) => name === 'connection_pool_size')
  if (said !== undefined) return readSize(said.args[0] ?? '') ?? USUAL_POOL
  return level.around === null ? USUAL_POOL : leastLine(level.around)
}

const BROWSERS = ['none', 'msie6', 'safari']

export const core: Module = {
  name: 'ngx_http_core_module',
  rows: [
    size('client_max_body_size', EVERYWHERE, 'maxBody'),
    time('client_body_timeout', EVERYWHERE, 'bodyTimeout'),
    time('client_header_timeout', ['http', 'server'], 'headerTimeout'),
    time('send_timeout', EVERYWHERE, 'sendTimeout'),
    own('keepalive_timeout', EVERYWHERE, [1, 2], 'keepaliveTimeout', (node, reading, level) => {
      const [kept, said] = node.args.map(readTime)
      if (kept === null || kept === undefined || said === null) {
        reading.problem('"keepalive_timeout" directive invalid value', node.at)
        return undefined
      }
      if (said !== undefined) level.own.keepaliveSays = said
      return kept
    }),
    count('keepalive_requests', EVERYWHERE, 'keepaliveRequests'),
    time('keepalive_time', EVERYWHERE, 'keepaliveTime'),
    several('keepalive_disable', EVERYWHERE, 'keepaliveDisabled', BROWSERS, [1, 2]),
    own('large_client_header_buffers', ['http', 'server'], 2, 'maxHeader', (node, reading, level) => {
      const [lines, bytes] = [Number(node.args[0]), readSize(node.args[1]!)]
      if (!Number.isInteger(lines) || lines < 1 || bytes === null || bytes < 1) {
        reading.problem('"large_client_header_buffers" directive invalid value', node.at)
        return undefined
      }
      if (bytes < leastLine(level))
        reading.problem(
          `the "${node.name}" size must be equal to or greater than "connection_pool_size"`,
          node.at,
        )
      level.own.maxHeaderLines = bytes
      return lines * bytes
    }),
    count('max_headers', ['http', 'server'], 'maxHeaders'),
    list(
      'client_body_early_read',
      EVERYWHERE,
      [1, Number.POSITIVE_INFINITY],
      'clientBodyEarlyRead',
      ({ name, args, at }, reading, { context }): Script[] => {
        // It is done before the location is known.
        if (context === 'location')
          reading.remark('warn', `"${name}" has an effect in http and server only`, at)
        return args.map(text => ({ text, at }))
      },
    ),
    own('client_body_buffer_size', EVERYWHERE, 1, 'bodyMemory', (node, reading) => {
      const bytes = readSize(node.args[0]!)
      if (bytes === null) reading.problem('"client_body_buffer_size" directive invalid value', node.at)
      else if (bytes === 0) reading.problem('client body buffer size cannot be zero', node.at)
      return bytes ?? undefined
    }),
    list('error_page', EVERYWHERE_AND_IF, [2, Number.POSITIVE_INFINITY], 'errorPages', readErrorPage),
    flag('recursive_error_pages', EVERYWHERE, 'recursiveErrorPages'),
    own('internal', ['location'], 0, 'internal', () => true),
    own('server_tokens', EVERYWHERE, 1, 'serverTokens', (node, reading) => {
      const value = node.args[0]!.toLowerCase()
      if (['on', 'off', 'build'].includes(value)) return value !== 'off'
      reading.problem(invalidValue(node, node.args[0]!, '"on", "off" or "build"'), node.at)
      return undefined
    }),
    flag('msie_padding', EVERYWHERE, 'msiePadding'),
    flag('msie_refresh', EVERYWHERE, 'msieRefresh'),
    flag('absolute_redirect', EVERYWHERE, 'absoluteRedirect'),
    flag('port_in_redirect', EVERYWHERE, 'portInRedirect'),
    flag('server_name_in_redirect', EVERYWHERE, 'serverNameInRedirect'),
    flag('merge_slashes', ['http', 'server'], 'mergeSlashes'),
    flag('underscores_in_headers', ['http', 'server'], 'underscoresInHeaders'),
    flag('ignore_invalid_headers', ['http', 'server'], 'ignoreInvalidHeaders'),
    flag('chunked_transfer_encoding', EVERYWHERE, 'chunkedAnswers'),
    own('limit_rate', EVERYWHERE_AND_IF, 1, 'limitRate', readRate),
    own('limit_rate_after', EVERYWHERE_AND_IF, 1, 'limitRateAfter', readRate),
    flag('log_not_found', EVERYWHERE, 'logNotFound'),
    flag('log_subrequest', EVERYWHERE, 'logSubrequest'),
    text('post_action', EVERYWHERE_AND_IF, 'postAction'),
    own('resolver', EVERYWHERE, [1, Number.POSITIVE_INFINITY], 'resolver', readResolver),
    time('resolver_timeout', EVERYWHERE, 'resolverTimeout'),
    own('early_hints', EVERYWHERE, [1, Number.POSITIVE_INFINITY], 'earlyHints', ({ args, at }) =>
      args.map(text => ({ text, at })),
    ),
    own('default_type', EVERYWHERE, 1, 'defaultType', node => node.args[0]!),
    {
      name: 'types',
      in: EVERYWHERE,
      args: 0,
      block: true,
      // Lines of several blocks at one level add up, as when a file adds to an included mime.types.
      repeats: true,
      take(node, level, reading) {
        const types: Record<string, string> = Object.create(null)
        Object.assign(types, level.own.types)
        for (const { name, args, at, block } of node.block ?? []) {
          if (block !== null) reading.problem('unexpected "{"', at)
          for (const each of args.map(word => word.toLowerCase())) {
            const before = types[each]
            if (before !== undefined && before !== name)
              reading.remark('warn', duplicateType(each, name, before), at)
            types[each] = name
          }
        }
        level.own.types = types
      },
    },
  ],
  defaults: {
    maxBody: 1024 ** 2,
    bodyMemory: null,
    bodyTimeout: 60_000,
    sendTimeout: 60_000,
    headerTimeout: 30_000,
    keepaliveTimeout: null,
    keepaliveSays: 0,
    keepaliveRequests: null,
    keepaliveTime: null,
    keepaliveDisabled: ['msie6'],
    maxHeader: 32_768,
    maxHeaderLines: 8_192,
    maxHeaders: 1_000,
    errorPages: [],
    recursiveErrorPages: false,
    internal: false,
    serverTokens: true,
    msiePadding: true,
    msieRefresh: false,
    absoluteRedirect: true,
    portInRedirect: true,
    serverNameInRedirect: false,
    mergeSlashes: true,
    underscoresInHeaders: false,
    ignoreInvalidHeaders: true,
    chunkedAnswers: true,
    limitRate: null,
    limitRateAfter: null,
    logNotFound: true,
    logSubrequest: false,
    clientBodyEarlyRead: [],
    postAction: '',
    earlyHints: null,
    resolver: [],
    resolverTimeout: null,
    defaultType: 'text/plain',
    types: null,
  },
}

// ngx_http_core_type.
function duplicateType(extension: string, type: string, before: string): string {
  return `duplicate extension "${extension}", content type: "${type}", previous content type: "${before}"`
}

/** Bytes a second, or variables that come to them. */
export function readRate(node: DirectiveNode, reading: Reading): Script | undefined {
  const text = node.args[0]!
  if (text.includes('$') || readSize(text) !== null) return { text, at: node.at }
  reading.problem(`"${node.name}" directive invalid value`, node.at)
  return undefined
}
