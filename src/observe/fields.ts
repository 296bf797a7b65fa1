// The one list of what the log says: the fields of the line a finished request leaves, and the other lines.
// The writers and `docs/logs.md` are held to it by tests. Owns words only; writes nothing.

export interface Field {
  readonly name: string
  readonly text: string
  /** When the field may be left out; every other field is always there. */
  readonly absent?: string
}

/** The fields of a `request` line, in the order in which they stand. */
export const REQUEST_FIELDS: readonly Field[] = [
  { name: 'time', text: 'when the request ended, ISO 8601 in UTC' },
  { name: 'level', text: '`info`, `warn` or `error`, as a word' },
  { name: 'msg', text: 'always `request`' },
  { name: 'id', text: 'the request’s name here, in error answers and to the app (`X-Request-Id`)' },
  { name: 'ray', text: 'the edge’s own name for it (`CF-Ray`)', absent: 'the edge gave none' },
  { name: 'client', text: 'the client’s address, as far as trusted proxies tell it' },
  { name: 'method', text: 'the request method' },
  { name: 'http_host', text: 'the `Host` the client asked for' },
  { name: 'url', text: 'the path; with its query under `--log-query on`' },
  { name: 'http_version', text: '`1.0` or `1.1`' },
  { name: 'status_code', text: 'the status the client was sent; 0 when it got none' },
  { name: 'outcome', text: '`ok`, or who ended it and in which phase' },
  { name: 'upstream', text: 'the upstream it was with, or was held for, last; null when it came to none' },
  { name: 'slot', text: 'the worker slot there, counted from 0; null when none was held' },
  { name: 'attempts', text: 'how many workers it was given to' },
  { name: 'bytes_in', text: 'bytes received from the client for it, head included' },
  { name: 'bytes_out', text: 'bytes sent to the client for it, head included' },
  { name: 'spilled', text: 'bytes that went through the disk' },
  {
    name: 'cache',
    text: 'what a cache had for it: `HIT`, `MISS`, `EXPIRED`, `STALE`, `UPDATING`, `REVALIDATED` or `BYPASS` ([caching.md](caching.md))',
    absent: 'none was asked',
  },
  { name: 'server_timing', text: 'the app’s own `Server-Timing`, bounded', absent: 'the app sent none' },
  { name: 'timers', text: 'milliseconds spent in each phase, with one decimal' },
  { name: 'failure', text: 'the row of `docs/errors.md` that says why', absent: 'the outcome is `ok`' },
  { name: 'detail', text: 'what was seen, in plain words', absent: 'there is nothing to add' },
]

/** The fields within `timers`, in order. All but the last are also the phases of an exchange. */
export const TIMER_FIELDS: readonly Field[] = [
  { name: 'receive', text: 'from the first byte of the head to the last of the body' },
  { name: 'queue', text: 'waiting for a worker slot' },
  { name: 'hold', text: 'waiting while the upstream was down' },
  { name: 'connect', text: 'opening the connection to the worker' },
  { name: 'wait', text: 'from the request being sent to the first byte of the answer' },
  { name: 'respond', text: 'while the worker was sending its answer' },
  { name: 'deliver', text: 'after the worker was done, until the client had it all' },
  { name: 'total', text: 'from the first byte of the request to its end' },
]

/** Fields that `worker lost` lines and `incidents[]` share, in order. */
export const INCIDENT_FIELDS = [
  'cause',
  'method',
  'url',
  'id',
  'ray',
  'client',
  'age_ms',
  'bytes_in',
  'bytes_out',
  'client_present',
  'slot',
  'pid',
  'upstream',
  'evidence',
  'advice',
] as const

/** Fields of one entry of `inflight[]`. */
export const INFLIGHT_FIELDS = [
  'id',
  'ray',
  'client',
  'method',
  'url',
  'phase',
  'age_ms',
  'worker_ms',
  'slot',
  'pid',
  'client_present',
  'bytes_in',
  'bytes_out',
  'upstream',
] as const

export interface Line {
  readonly msg: string
  readonly level: string
  readonly text: string
  /** What it carries besides `level`, `time` and `msg`. */
  readonly fields: readonly string[]
}

/** The lines besides `request` that tools may rely on; from `listening` on the server's and its app's, the others the observer's. */
export const LINES: readonly Line[] = [
  {
    msg: 'arrival',
    level: 'debug',
    text: 'a request’s head has come; the `request` line follows when it ends',
    fields: ['id', 'ray', 'client', 'method', 'http_host', 'url'],
  },
  {
    msg: 'still running',
    level: 'warn',
    text: 'a request is past a threshold named in `passed`; `timers` say where the time went so far; beyond 20 of them at once, one line counts the `others`',
    fields: [...INFLIGHT_FIELDS, 'timers', 'passed', 'others'],
  },
  {
    msg: 'worker lost',
    level: 'error; info for a restart',
    text: 'a connection to a worker ended without a whole answer; one that is not the first of its kind has `count` and `repeated`, which says it in words; `others` are losses on other routes that had no line',
    fields: [...INCIDENT_FIELDS, 'count', 'repeated', 'others'],
  },
  {
    msg: 'upstream down',
    level: 'warn',
    text: 'an upstream began to refuse connections; `detail` says how, and what becomes of the requests',
    fields: ['upstream', 'detail'],
  },
  {
    msg: 'upstream up',
    level: 'info',
    text: 'it takes connections again',
    fields: ['upstream', 'down_ms', 'detail'],
  },
  {
    msg: 'worker slots',
    level: 'info',
    text: 'how many requests the app works on at once was found out, or has changed; `detail` says from what; without `slots` there is no limit',
    fields: ['upstream', 'slots', 'detail'],
  },
  {
    msg: 'log lines dropped',
    level: 'warn',
    text: 'whoever reads the log was too slow for too long, and this many lines are missing',
    fields: ['dropped'],
  },
  {
    msg: 'listening',
    level: 'info',
    text: 'a listener is open; one line each; `slots` of each upstream as said by `slots_from`, null where they are to be found',
    fields: ['address', 'tls', 'upstreams', 'slots', 'slots_from', 'admin'],
  },
  {
    msg: 'overload',
    level: 'warn; info at its end',
    text: 'the order of the queue has changed, as an overload began or is over; `detail` says what that means; once a minute at most',
    fields: ['order', 'group', 'waiting', 'patience_ms', 'detail'],
  },
  {
    msg: 'paused',
    level: 'info',
    text: 'requests wait from here on, by command; `for_ms` at most, and `detail` is what those are told who wait in vain',
    fields: ['for_ms', 'detail'],
  },
  {
    msg: 'resumed',
    level: 'info; warn at the limit',
    text: 'the pause is over: `reason` is `asked`, `limit` (nobody resumed in time) or `drain`',
    fields: ['paused_ms', 'reason'],
  },
  {
    msg: 'drain',
    level: 'info',
    text: 'no new connections are taken, and what is under way is finished',
    fields: ['reason', 'active', 'timeout_ms'],
  },
  {
    msg: 'reload',
    level: 'info',
    text: 'the settings were read again',
    fields: ['listening'],
  },
  {
    msg: 'app ready',
    level: 'info',
    text: 'the app that is run by a command after `--` listens: its server’s process, and how long it took',
    fields: ['pid', 'after_ms'],
  },
  {
    msg: 'app ended',
    level: 'warn',
    text: 'it died, and is started again after a pause; `status` as a shell tells it',
    fields: ['detail', 'status', 'restart_in_ms'],
  },
  {
    msg: 'app replaced',
    level: 'info',
    text: 'its server has put another in its place (USR2), which is watched from here on',
    fields: ['pid'],
  },
]
