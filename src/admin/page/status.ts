// What the page reads of /status.json. Types only.

export interface Inflight {
  readonly id: string
  readonly client: string
  readonly method: string
  readonly url: string
  readonly phase: string
  readonly age_ms: number
  readonly worker_ms: number
  readonly pid: number | null
  readonly client_present: boolean
}

export interface Upstream {
  readonly name: string
  readonly state: string
  readonly down_ms: number | null
  readonly slots: number | null
  readonly slots_from: string
  readonly busy: number
  readonly lanes: readonly (string | null)[]
}

export interface Percentiles {
  readonly p50_ms: number
  readonly p95_ms: number
  readonly p99_ms: number
}

export interface Status {
  readonly version: string
  readonly uptime_s: number
  readonly ready: boolean
  readonly reason: string
  readonly worker_timeout_ms: number | null
  readonly upstreams: readonly Upstream[]
  readonly queue: {
    readonly length: number
    readonly limit: number
    readonly oldest_ms: number
    readonly order?: string
  }
  readonly spools: {
    readonly open: number
    readonly memory: number
    readonly memory_limit: number
    readonly disk: number
    readonly disk_limit: number
  }
  readonly connections: { readonly idle: number; readonly active: number; readonly limit: number }
  readonly inflight_total: number
  readonly inflight: readonly Inflight[]
  readonly incidents: readonly {
    readonly time: string
    readonly cause: string
    readonly method: string
    readonly url: string
    readonly age_ms: number
    readonly upstream: string
    readonly evidence: readonly string[]
    readonly advice: string
  }[]
  readonly slowest: readonly SlowRoute[]
}

export interface SlowRoute extends Percentiles {
  readonly route: string
  readonly count: number
  readonly mean: Readonly<Record<string, number>>
  readonly phases: Readonly<Record<string, Percentiles>>
}
