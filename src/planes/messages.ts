// What the house and its data planes say to one another when each has a thread of its own. Types only. All of it
// survives a structured clone; times are durations, as each thread has a clock of its own.

import type { ZoneMemories } from '../access/limits.ts'
import type { Address, Config } from '../config/config.ts'
import type { GroupConfig } from '../config/nginx/group-config.ts'
import type { FailureCode } from '../errors.ts'
import type { ComputedTarget } from '../house.ts'
import type { Counts } from '../observe/history.ts'
import type { LostWorker } from '../observe/observer.ts'
import type { Snapshot } from '../observe/snapshot.ts'
import type { StoreUsage } from '../spool/store.ts'
import type { Endpoint, Membership } from '../upstream/upstream.ts'

/** What a thread is started with, beside the settings. */
export interface Beginning {
  /** The groups of the flags or the file, in their order. */
  readonly groups: readonly Opening[]
  /** The vitals' memory, where the proxy answers health checks itself. */
  readonly vitals: SharedArrayBuffer | null
  /** How many data planes there are: each has its share of what is limited for all. */
  readonly planes: number
  /** What a site's limits count in. */
  readonly zones: ZoneMemories
  readonly first: boolean
  /** The memory of the keys that all seal TLS tickets with. */
  readonly tickets: SharedArrayBuffer | null
  readonly version: string
}

/** A group of upstreams, as a plane is to know it. */
export interface Opening {
  readonly group: number
  readonly config: GroupConfig
  readonly queueSize: number
  readonly hold: number
  readonly workerTimeout: number | null
  /** Its board's memory. */
  readonly board: SharedArrayBuffer
}

/** A request at the house's desk, as `admit/applicant.ts` wants it. */
export interface Asks {
  readonly kind: 'asks'
  /** Names the group of upstreams between plane and house. */
  readonly group: number
  /** Names the request between plane and house. */
  readonly ticket: number
  readonly id: string
  readonly healthCheck: boolean
  readonly client: string
  readonly route: string
  /** Milliseconds from now; 0: not known. */
  readonly answerWithin: number
  readonly resendable: boolean
  readonly balanceKey: string | null
  readonly tried: readonly string[] | null
  readonly waited: number
  readonly phase: 'queued' | 'held'
  readonly again: boolean
  readonly mayWait: boolean
}

export type ToHouse =
  | Asks
  /** It waits no longer. */
  | {
      readonly kind: 'leaves'
      readonly ticket: number
      readonly code: FailureCode
      readonly detail: string
    }
  /** What the queue learns from: requests that were refused, that had waited and were answered, that were left. */
  | { readonly kind: 'turned away'; readonly group: number; readonly route: string }
  | {
      readonly kind: 'answered'
      readonly group: number
      readonly route: string
      readonly ageMs: number
      readonly tookMs: number
    }
  | {
      readonly kind: 'abandoned'
      readonly group: number
      readonly route: string
      readonly ageMs: number
      readonly waitedMs: number
    }
  /** A lane came back through a shut gate. */
  | {
      readonly kind: 'freed'
      readonly group: number
      readonly upstream: number
      readonly lane: number
      /** The worker gave a whole answer. */
      readonly answered: boolean
    }
  | { readonly kind: 'connected'; readonly group: number; readonly upstream: number }
  | { readonly kind: 'refused'; readonly group: number; readonly upstream: number; readonly detail: string }
  | { readonly kind: 'stalled'; readonly group: number; readonly upstream: number; readonly silent: boolean }
  /** How a request went with it, where that decides what it is given. */
  | { readonly kind: 'went'; readonly group: number; readonly upstream: number; readonly well: boolean }
  /** A request has worked out whom it is for; answered by `group`. */
  | { readonly kind: 'wants'; readonly ask: number; readonly target: ComputedTarget }
  /** Lines of requests, as they are to be written. */
  | { readonly kind: 'requests'; readonly text: string }
  /** Any other line, as JSON. */
  | { readonly kind: 'line'; readonly text: string }
  /** A health check's line, which is worth writing when the answer differs from the last. */
  | { readonly kind: 'health'; readonly path: string; readonly answer: string; readonly text: string }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'counted'; readonly counts: Counts }
  | { readonly kind: 'lost'; readonly lost: LostWorker }
  | { readonly kind: 'listener'; readonly upstream: string; readonly there: boolean }
  | { readonly kind: 'drained'; readonly cut: number }
  | { readonly kind: 'reply'; readonly call: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly call: number; readonly message: string }

export type ToPlane =
  | {
      readonly kind: 'granted'
      readonly group: number
      readonly ticket: number
      readonly upstream: number
      readonly lane: number
    }
  | {
      readonly kind: 'sent away'
      readonly group: number
      readonly ticket: number
      readonly code: FailureCode
      readonly detail: string
      /** Seconds; null where it is not known. */
      readonly retryAfter: number | null
      /** What the client is told; null: the row's message. */
      readonly words: string | null
    }
  | {
      readonly kind: 'phase'
      readonly group: number
      readonly ticket: number
      readonly phase: 'queued' | 'held'
    }
  | {
      readonly kind: 'added'
      readonly group: number
      readonly upstream: number
      readonly name: string
      readonly endpoint: Endpoint | null
      readonly membership: Membership
      readonly lanes: SharedArrayBuffer
    }
  | { readonly kind: 'removed'; readonly group: number; readonly upstream: number }
  /** A group that a request worked out is there, or is forgotten. */
  | { readonly kind: 'opened'; readonly opening: Opening }
  | { readonly kind: 'closed'; readonly group: number }
  /** The answer to `wants`; a text is why there is none. */
  | { readonly kind: 'group'; readonly ask: number; readonly group: number | string }
  /** The app's processes that serve requests now, at this port of this machine. */
  | { readonly kind: 'workers'; readonly port: number; readonly pids: readonly number[] }
  | ({ readonly kind: 'call'; readonly call: number } & Call)

/** What the house asks of a plane, each answered by one reply. */
export type Call =
  /** Replies with the listeners. */
  | { readonly what: 'listen'; readonly addresses: readonly Address[] }
  /** Replies when all that could fail has been done; then one of the two follows. */
  | { readonly what: 'prepare'; readonly config: Config; readonly zones: ZoneMemories }
  | { readonly what: 'reopen' }
  | { readonly what: 'commit' | 'abandon' }
  /** Replies with how many requests are under way; `drained` follows. */
  | { readonly what: 'drain'; readonly reason: string; readonly timeout: number }
  /** Replies with a `Report`. */
  | { readonly what: 'report' }
  /** Its lines are sent, and then the reply. */
  | { readonly what: 'flush' }
  | { readonly what: 'stop' }

/** Where a plane listens. */
export interface Listening {
  readonly address: Address
  readonly secure: boolean
}

/** What a plane knows of itself, for those who look. */
export interface Report {
  readonly observed: Snapshot
  readonly spools: StoreUsage
  readonly connections: { readonly idle: number; readonly active: number; readonly limit: number }
  /** By upstream: which request holds which lane. */
  readonly lanes: readonly {
    readonly group: number
    readonly upstream: number
    readonly holders: readonly (string | null)[]
  }[]
}
