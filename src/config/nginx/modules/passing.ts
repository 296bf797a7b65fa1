// What all modules that pass requests on have alike (nginx's ngx_http_upstream_conf_t): the same rows under each one's
// own name, so that inheritance and checks are the same. Knows no protocol.

import { readAddress } from '../range.ts'
import { count, flag, harmless, list, own, several, size, time } from '../rows.ts'
import type { Script } from '../site.ts'
import { EVERYWHERE, type Reading, type Row } from '../table.ts'
import type { DirectiveNode } from '../tree.ts'
import { readNumber, readSize } from '../units.ts'
import { withoutEffect } from '../without-effect.ts'
import { readRate } from './core.ts'
import { type StoreSettings, storeRows, UNSTORED } from './store.ts'

export interface PassingSettings extends StoreSettings {
  readonly passRequestHeaders: boolean
  readonly passRequestBody: boolean
  readonly hideFields: readonly string[]
  readonly keepFields: readonly string[]
  readonly ignoreFields: readonly string[]
  readonly responseBuffering: boolean
  readonly requestBuffering: boolean
  readonly connectTimeout: number | null
  readonly readTimeout: number | null
  /** Milliseconds between two pieces of a request that the app takes; null: as between two reads. */
  readonly proxySendTimeout: number | null
  readonly nextUpstream: readonly string[]
  readonly nextUpstreamTries: number
  readonly nextUpstreamTimeout: number
  readonly interceptErrors: boolean
  /** A request is passed on, and to its end, also where its client does not wait for it. */
  readonly ignoreClientAbort: boolean
  /** Bytes of an answer that stay in memory before the disk takes the rest; null: the spool's own measure. */
  readonly answerMemory: number | null
  /** Bytes of it that may be on the disk at a time; beyond them it goes at its client's pace. Null: no limit of its own. */
  readonly answerDisk: number | null
  /** Bytes a second of an answer that are taken from the app at most. */
  readonly proxyLimitRate: Script | null
  readonly proxyBind: Script | null
  readonly forceRanges: boolean
}

export const PASSING: PassingSettings = {
  passRequestHeaders: true,
  passRequestBody: true,
  hideFields: [],
  keepFields: [],
  ignoreFields: [],
  responseBuffering: true,
  requestBuffering: true,
  connectTimeout: null,
  readTimeout: null,
  proxySendTimeout: null,
  nextUpstream: ['error', 'timeout'],
  nextUpstreamTries: 0,
  nextUpstreamTimeout: 0,
  interceptErrors: false,
  ignoreClientAbort: false,
  answerMemory: null,
  answerDisk: null,
  proxyLimitRate: null,
  proxyBind: null,
  forceRanges: false,
  ...UNSTORED,
}

/** Of an answer, what can be told to have no say (ngx_http_upstream_ignore_headers_masks). */
const IGNORABLE =
  'x-accel-redirect x-accel-expires x-accel-limit-rate x-accel-buffering x-accel-charset expires cache-control set-cookie vary'.split(
    ' ',
  )

const PIECES = 'answers go to the client, and to the disk, in pieces of the spool’s own size'

/**
 * The rows of one module.
 * @param prefix what its directives begin with, such as `proxy`
 * @param troubles what its `…_next_upstream` may name
 */
export function passingRows(prefix: string, troubles: readonly string[]): Row[] {
  const named = (name: string) => `${prefix}_${name}`
  return [
    flag(named('pass_request_headers'), EVERYWHERE, 'passRequestHeaders'),
    flag(named('pass_request_body'), EVERYWHERE, 'passRequestBody'),
    list(named('hide_header'), EVERYWHERE, 1, 'hideFields', ({ args }) => [args[0]!.toLowerCase()]),
    list(named('pass_header'), EVERYWHERE, 1, 'keepFields', ({ args }) => [args[0]!.toLowerCase()]),
    several(named('ignore_headers'), EVERYWHERE, 'ignoreFields', IGNORABLE),
    flag(named('buffering'), EVERYWHERE, 'responseBuffering'),
    flag(named('request_buffering'), EVERYWHERE, 'requestBuffering'),
    time(named('connect_timeout'), EVERYWHERE, 'connectTimeout'),
    time(named('read_timeout'), EVERYWHERE, 'readTimeout'),
    time(named('send_timeout'), EVERYWHERE, 'proxySendTimeout'),
    several(named('next_upstream'), EVERYWHERE, 'nextUpstream', troubles),
    count(named('next_upstream_tries'), EVERYWHERE, 'nextUpstreamTries'),
    time(named('next_upstream_timeout'), EVERYWHERE, 'nextUpstreamTimeout'),
    flag(named('intercept_errors'), EVERYWHERE, 'interceptErrors'),
    flag(named('ignore_client_abort'), EVERYWHERE, 'ignoreClientAbort'),
    own(named('limit_rate'), EVERYWHERE, 1, 'proxyLimitRate', readRate),
    own(named('bind'), EVERYWHERE, [1, 2], 'proxyBind', (node, reading) => {
      if (node.args[1] === 'transparent')
        reading.problem(
          `"${node.name} … transparent" needs routing that this proxy does not set up; leave "transparent" out`,
          node.at,
        )
      else if (node.args[1] !== undefined) reading.problem(`invalid parameter "${node.args[1]}"`, node.at)
      const text = node.args[0]!
      if (text === 'off') return null
      if (!text.includes('$') && !isLocalAddress(text)) reading.problem(`invalid address "${text}"`, node.at)
      return { text, at: node.at }
    }),
    flag(named('force_ranges'), EVERYWHERE, 'forceRanges'),
    size(named('max_temp_file_size'), EVERYWHERE, 'answerDisk'),
    harmless(
      named('socket_keepalive'),
      EVERYWHERE,
      'flag',
      'each connection to the upstream carries one request',
    ),
    own(named('buffers'), EVERYWHERE, 2, 'answerMemory', readBuffers),
    harmless(named('buffer_size'), EVERYWHERE, 'size', 'a head may be as large as --max-header allows'),
    withoutEffect(size(named('busy_buffers_size'), EVERYWHERE, ''), PIECES),
    withoutEffect(size(named('temp_file_write_size'), EVERYWHERE, ''), PIECES),
    harmless(named('temp_path'), EVERYWHERE, [1, 4], 'temporary files go to --spool-dir'),
    ...storeRows(prefix),
  ]
}

/** An address, perhaps with a port, as ngx_parse_addr_port reads it: names are not looked up. */
function isLocalAddress(text: string): boolean {
  if (readAddress(text) !== null) return true
  const [, six, four, port] = /^(?:\[(.*)\]|([^:]*)):(\d+)$/.exec(text) ?? []
  const number = Number(port)
  return readAddress(six ?? four ?? '') !== null && number > 0 && number < 65_536
}

// ngx_conf_set_bufs_slot.
function readBuffers(node: DirectiveNode, reading: Reading): number | undefined {
  const [count, bytes] = [readNumber(node.args[0]!) ?? 0, readSize(node.args[1]!)]
  if (count > 1 && bytes !== null && bytes > 0) return count * bytes
  const few = count === 1 ? `there must be at least 2 "${node.name}"` : null
  reading.problem(few ?? `"${node.name}" directive invalid value`, node.at)
  return undefined
}
