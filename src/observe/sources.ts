// What the server offers for gauges and status, and what the observer answers with: the shapes that cross
// between them. Types only.

export interface UpstreamRow {
  readonly name: string
  /** What metrics call it, of a bounded set; absent: its name. */
  readonly label?: string
  /** Its group's name; null or absent: there is but the flags' one. */
  readonly group?: string | null
  readonly address: string
  readonly state: 'up' | 'down'
  /** On the monotonic clock; null while up. */
  readonly downSince: number | null
  /** null while no number is known. */
  readonly slots: number | null
  readonly busy: number
  /** The id of the exchange that holds each lane; null for a free one. */
  readonly lanes: readonly (string | null)[]
  /** Where the number of slots came from, for people. */
  readonly slotsFrom: string
}

export interface QueueRow {
  readonly length: number
  readonly limit: number
  /** How long whoever waits longest has waited, in milliseconds. */
  readonly oldestMs: number
  readonly order: 'fifo' | 'newest_first'
  /** How long clients wait before the first of them leave, in milliseconds; null while that is not known. */
  readonly patienceMs: number | null
  /** A pause for a deploy: its limit on the monotonic clock; null: none. */
  readonly pausedUntil: number | null
}

/** One group of upstreams, with its queue. */
export interface GroupRow {
  readonly name: string
  readonly outlook: 'open' | 'held' | 'refusing'
  readonly queue: Pick<QueueRow, 'length' | 'limit' | 'order' | 'oldestMs'>
}

/** Asked when somebody looks, never for a request. */
export interface Sources {
  upstreams(): readonly UpstreamRow[]
  /** Null or absent: there is but the flags' one. */
  groups?(): readonly GroupRow[] | null
  queue(): QueueRow
  /** Bytes, and how many spools are open. */
  spools(): { memory: number; disk: number; memoryLimit: number; diskLimit: number; open: number }
  connections(): { idle: number; active: number; limit: number }
  ready(): { ready: boolean; reason: string }
}

/** One entry of `inflight[]`; `pid` is null where the worker's is not known. */
export interface InflightRow {
  readonly id: string
  readonly ray: string
  readonly client: string
  readonly method: string
  readonly url: string
  readonly phase: string
  readonly age_ms: number
  readonly worker_ms: number
  readonly slot: number | null
  readonly pid: number | null
  readonly client_present: boolean
  readonly bytes_in: number
  readonly bytes_out: number
  readonly upstream: string
}

export const SHED_REASONS = [
  'queue_full',
  'queue_timeout',
  'overload',
  'edge_timeout',
  'paused',
  'upstream_down',
  'spool_full',
  'draining',
  'connections',
] as const
export type ShedReason = (typeof SHED_REASONS)[number]

export const CONNECT_RESULTS = ['ok', 'refused', 'timeout', 'error'] as const
export type ConnectResult = (typeof CONNECT_RESULTS)[number]

export const CAUSES = ['timeout', 'restart', 'killed', 'truncated', 'protocol'] as const
export type Cause = (typeof CAUSES)[number]
