// The one table of failures: what can go wrong with a request, which status the client gets, whose fault
// it was, and what the operator should look at. Depends on nothing; every other room speaks in these codes.

/** Who ended a request that did not end well: the first half of `outcome` in the log. */
export type Who = 'client' | 'upstream' | 'timeout' | 'proxy'

export interface FailureKind {
  /** The answer's status; 0 where nobody is left to answer. */
  readonly status: number
  readonly who: Who
  /** What a person who sees the answer is told. Never an internal address. */
  readonly message: string
  /** What the operator should look at next. */
  readonly hint: string
  /** Whether the answer carries `Retry-After`. */
  readonly retryLater?: true
}

const table = {
  // — requests that are refused before a worker hears of them (RFC 9112 §2.2, §3.2, §6.3)
  bad_request: {
    status: 400,
    who: 'client',
    message: 'The request is malformed or ambiguous.',
    hint: 'the detail names the rule; a client that sends this is broken or probing',
  },
  tunnel_refused: {
    status: 400,
    who: 'client',
    message: 'No tunnels are made here.',
    hint: 'a client that takes this for a forward proxy, or a probe; where a file says what is served it gets a 405',
  },
  request_timeout: {
    status: 408,
    who: 'timeout',
    message: 'The request was not received in time.',
    hint: 'a slow or silent client; see --header-timeout and --body-timeout',
  },
  body_too_large: {
    status: 413,
    who: 'client',
    message: 'The request body is too large.',
    hint: 'raise --max-body when such uploads are wanted',
  },
  target_too_long: {
    status: 414,
    who: 'client',
    message: 'The request target is too long.',
    hint: 'raise --max-header when such targets are wanted',
  },
  expectation_failed: {
    status: 417,
    who: 'client',
    message: 'The only expectation met here is 100-continue.',
    hint: 'a client that sends an Expect other than 100-continue',
  },
  head_too_large: {
    status: 431,
    who: 'client',
    message: 'The request header fields are too large.',
    hint: 'often cookies; raise --max-header when they are wanted',
  },
  coding_not_supported: {
    status: 501,
    who: 'client',
    message: 'The transfer coding is not supported; chunked is.',
    hint: 'the client sent a transfer coding other than chunked (RFC 9112 §7)',
  },
  version_not_supported: {
    status: 505,
    who: 'client',
    message: 'The HTTP version is not supported; HTTP/1.1 is.',
    hint: 'the client spoke another major version on a plain connection',
  },

  // — overload and shortage
  queue_full: {
    status: 503,
    who: 'proxy',
    message: 'The service is busy. Please try again.',
    hint: 'all workers are busy and the queue is full; see --queue-size, --workers and the slowest requests',
    retryLater: true,
  },
  queue_timeout: {
    status: 503,
    who: 'timeout',
    message: 'The service is busy. Please try again.',
    hint: 'no worker became free within --queue-timeout; see what holds the workers in /status.json',
    retryLater: true,
  },
  edge_timeout: {
    status: 503,
    who: 'timeout',
    message: 'The service takes too long to answer now. Please try again.',
    hint: 'the edge would have given up (--edge); the timers say whether the queue or the app took the time',
    retryLater: true,
  },
  overloaded: {
    status: 503,
    who: 'proxy',
    message: 'The service is busy. Please try again.',
    hint: 'more requests than the workers can do, for longer than a moment; whoever could not be answered in time was told so; see docs/overload.md',
    retryLater: true,
  },
  spool_full: {
    status: 503,
    who: 'proxy',
    message: 'The service is short of space for this request. Please try again.',
    hint: 'the spools reached --spool-memory or --spool-disk, or the disk is full',
    retryLater: true,
  },

  app_not_well: {
    status: 503,
    who: 'upstream',
    message: 'The application does not answer.',
    hint: 'a health check that the proxy answered itself (--health-answer): the detail says what it knows',
    retryLater: true,
  },
  paused: {
    status: 503,
    who: 'proxy',
    message: 'The service is being updated. Please try again.',
    hint: 'requests were paused (shieldproxy pause) for longer than this one could wait',
    retryLater: true,
  },

  // — the upstream
  upstream_down: {
    status: 503,
    who: 'upstream',
    message: 'The service is restarting. Please try again.',
    hint: 'the upstream refuses connections; is the app running, and is --upstream its address?',
    retryLater: true,
  },
  upstream_unknown: {
    status: 502,
    who: 'upstream',
    message: 'The service is not available.',
    hint: 'proxy_pass works the address out for each request, and this one led nowhere; the detail says why',
  },
  upstream_tls: {
    status: 502,
    who: 'upstream',
    message: 'The application could not be reached securely.',
    hint: 'the TLS handshake with the upstream failed; see the proxy_ssl_… directives and its certificate',
  },
  near_end: {
    status: 500,
    who: 'proxy',
    message: 'The service is misconfigured.',
    hint: 'proxy_bind says an address, or a port, that this machine does not have to give; the detail says which',
  },
  worker_lost: {
    status: 502,
    who: 'upstream',
    message: 'The application ended the connection without an answer.',
    hint: 'the worker died or closed before its first byte; see the app server’s log at this time',
  },
  answer_broken: {
    status: 0,
    who: 'upstream',
    message: 'The answer broke off.',
    hint: 'the worker closed in the middle of its answer; see the app’s traceback at this time',
  },
  answer_stalled: {
    status: 0,
    who: 'timeout',
    message: 'The answer stopped.',
    hint: 'the worker sent part of its answer and then nothing for --read-timeout',
  },
  answer_invalid: {
    status: 502,
    who: 'upstream',
    message: 'The application answered with something that is not HTTP.',
    hint: 'the detail quotes what came; does what listens there speak HTTP/1.1, or what its …_pass says?',
  },
  read_timeout: {
    status: 504,
    who: 'timeout',
    message: 'The application did not answer in time.',
    hint: 'no byte came from the worker within --read-timeout; the request is named while it hangs in /status.json',
  },

  // — the client’s side, after the request was taken on
  client_left: {
    status: 0,
    who: 'client',
    message: '',
    hint: 'the client closed the connection before its answer was whole',
  },
  send_timeout: {
    status: 0,
    who: 'timeout',
    message: '',
    hint: 'the client stopped reading for --send-timeout',
  },
  drain_timeout: {
    status: 503,
    who: 'proxy',
    message: 'The service is restarting. Please try again.',
    hint: 'still running when --drain-timeout had passed; raise it, or look at what is slow',
    retryLater: true,
  },
  internal: {
    status: 500,
    who: 'proxy',
    message: 'The proxy failed. This is a bug.',
    hint: 'the detail has the stack; please report it',
  },
} as const satisfies Record<string, FailureKind>

export type FailureCode = keyof typeof table

/** Every failure by its code; `docs/errors.md` is held to this table by a test. */
export const FAILURES: Readonly<Record<FailureCode, FailureKind>> = table

/** One failure of one request: a row of the table, and what was seen. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: FailureCode
  readonly kind: FailureKind
  /** What was seen, in plain words, for the operator's log; never sent to the client. */
  readonly detail: string
  /** In how many seconds it is worth trying again, where that is known. */
  readonly retryAfter: number | null
  /** What the client is told in place of the row's message; null: that. */
  readonly words: string | null

  constructor(code: FailureCode, detail = '', retryAfter: number | null = null, words: string | null = null) {
    // The stack of an expected failure tells nothing and costs more than the rest of the answer.
    const limit = Error.stackTraceLimit
    if (code !== 'internal') Error.stackTraceLimit = 0
    super(detail === '' ? code : `${code}: ${detail}`)
    Error.stackTraceLimit = limit
    this.code = code
    this.kind = FAILURES[code]
    this.detail = detail
    this.retryAfter = retryAfter
    this.words = words
  }
}
