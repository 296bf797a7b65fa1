// The frozen settings that every other part is built from. Flags, environment and files all end here, with
// every default filled in and every time in milliseconds and size in bytes. Knows no sockets.

import type { SiteConfig } from './nginx/site.ts'

/** Where to listen or to connect. */
export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

export interface UpstreamConfig {
  /** What the user wrote, used as the upstream's name in logs, labels and status. */
  readonly name: string
  readonly address: Address
}

/** What is known of the edge in front. */
export interface EdgeConfig {
  readonly name: string
  /** How long it keeps an idle connection, in milliseconds; null: not known. */
  readonly keepsIdleFor: number | null
  /** How long it waits for an answer itself, in milliseconds; null: not known. */
  readonly givesUpAfter: number | null
  /** A request that is whole must have the first byte of its answer within this many milliseconds; null: no limit known. */
  readonly answerWithin: number | null
  /** The field in which a trusted peer names the client; null: X-Forwarded-For alone. */
  readonly clientField: string | null
  /** The fields in which it names the request; the first that is there counts. */
  readonly idFields: readonly string[]
}

/** An address range: CIDR as written, such as `10.0.0.0/8`. */
export type Cidr = string

export interface Config {
  /** What the file of `--config` describes; null: there is none, and everything goes to the upstreams. */
  readonly site: SiteConfig | null
  /** Of a site: those of its first group, where a command after `--` is to listen. */
  readonly upstreams: readonly UpstreamConfig[]
  readonly listen: readonly Address[]
  /** Worker slots of each upstream, as far as was said; null: nothing was, and they are to be found (`auto`). */
  readonly workers: number | null
  /** Where the number came from, for people: `--workers`, `$WEB_CONCURRENCY`, `auto`. */
  readonly workersFrom: string
  /** The number is the user's word (`--workers`): nothing else is looked for. */
  readonly workersCertain: boolean
  /** The app server's own limit for a request; null when unknown or none. */
  readonly workerTimeout: number | null
  readonly queueSize: number
  readonly queueTimeout: number
  readonly hold: number
  /** null: derived from the descriptor limit by the server. */
  readonly maxConnections: number | null
  readonly requestBuffering: boolean
  readonly responseBuffering: boolean
  readonly maxBody: number
  readonly maxHeader: number
  /** null: the defaults of `interface.md`, derived when the spool is opened. */
  readonly spoolMemory: number | null
  readonly spoolDisk: number | null
  readonly spoolDir: string
  readonly keepaliveTimeout: number
  readonly headerTimeout: number
  readonly bodyTimeout: number
  readonly sendTimeout: number
  readonly connectTimeout: number
  readonly readTimeout: number
  readonly drainTimeout: number
  readonly edge: EdgeConfig
  /** Who answers health checks. */
  readonly healthAnswer: 'app' | 'proxy'
  readonly healthcheckPaths: readonly string[]
  /** Presets expanded. */
  readonly trustedProxies: readonly Cidr[]
  /** null: off. */
  readonly admin: Address | null
  /** Whether the admin address is the default one (taken: a warning) or was asked for (taken: a failure). */
  readonly adminAsked: boolean
  readonly logFormat: 'json' | 'pretty' | 'combined'
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  /** Whether logs and status show query strings. */
  readonly logQuery: boolean
  /** A file for the access lines; null: standard output with the rest. */
  readonly accessLog: string | null
  /** PEM files; both or none. */
  readonly tls: { readonly cert: string; readonly key: string } | null
  /** Threads that serve requests; 1: no thread beside the first. */
  readonly cores: number
  readonly demo: boolean
  /** The command that starts the app, and its arguments; empty: the app runs by itself. */
  readonly command: readonly string[]
  /** How long the app may take until it listens. */
  readonly startTimeout: number
  readonly restart: 'on-failure' | 'never'
}
