// What the commands read of /status.json. The program that answers may be of another version, so that whatever may be
// missing is allowed to be, and nothing is believed to be short or printable.

import { CommandError } from './admin-client.ts'

export interface RequestView {
  readonly id?: string
  readonly ray?: string
  readonly client?: string
  readonly method?: string
  readonly url?: string
  readonly phase?: string
  readonly age_ms?: number
  readonly worker_ms?: number
  readonly slot?: number | null
  readonly pid?: number | null
  readonly client_present?: boolean
  readonly bytes_in?: number
  readonly bytes_out?: number
  readonly upstream?: string
}

export interface UpstreamView {
  readonly name?: string
  readonly state?: string
  readonly down_ms?: number | null
  readonly slots?: number | null
  readonly slots_from?: string
  readonly busy?: number
}

export interface StatusView {
  readonly version?: string
  readonly uptime_s?: number
  readonly ready?: boolean
  readonly reason?: string
  readonly upstreams: readonly UpstreamView[]
  readonly queue?: {
    readonly length?: number
    readonly limit?: number
    readonly oldest_ms?: number
    readonly order?: string
  }
  readonly spools?: {
    readonly open?: number
    readonly memory?: number
    readonly memory_limit?: number
    readonly disk?: number
    readonly disk_limit?: number
  }
  readonly connections?: { readonly idle?: number; readonly active?: number; readonly limit?: number }
  readonly inflight_total?: number
  readonly inflight: readonly RequestView[]
  readonly incidents: readonly {
    readonly time?: string
    readonly cause?: string
    readonly method?: string
    readonly url?: string
    readonly age_ms?: number
    readonly upstream?: string
  }[]
  readonly slowest: readonly {
    readonly route?: string
    readonly count?: number
    readonly p50_ms?: number
    readonly p95_ms?: number
    readonly max_ms?: number
  }[]
}

/** @throws CommandError when it is not the status of a shieldproxy */
export function readStatus(text: string, where: string): StatusView {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    parsed = null
  }
  if (
    typeof parsed !== 'object' ||
    parsed === null ||
    !Array.isArray((parsed as { inflight?: unknown }).inflight)
  ) {
    throw new CommandError(`what answers at ${where} is not a shieldproxy's admin listener`, 1)
  }
  const view = parsed as Partial<StatusView>
  return {
    ...view,
    upstreams: view.upstreams ?? [],
    inflight: view.inflight ?? [],
    incidents: view.incidents ?? [],
    slowest: view.slowest ?? [],
  }
}
