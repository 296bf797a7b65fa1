// How often and how many at once: `limit_req` and `limit_conn` for a visit, in nginx's order and with its words in the
// error log. The counting is the zones'.

import type { LimitLevel, RequestLimit } from '../config/nginx/modules/limits.ts'
import type { ZoneConfig } from '../config/nginx/site.ts'
import { NEXT, type Outcome } from '../outcome.ts'
import type { Visit } from '../visit.ts'
import { ConnectionZone } from './connection-zone.ts'
import { delayed } from './delay.ts'
import { type Look, RequestZone } from './request-zone.ts'

export interface Entered {
  readonly outcome: Outcome
  /** Gives back what counts as under way, at the request's end; may be called twice. */
  release(): void
}

/** What zones count in, by their names; it may hold others beside. It can be given to other threads, which then count in the same. */
export type ZoneMemories = Readonly<Record<string, SharedArrayBuffer>>

/** Memory for zones. @param former of the file as it was read before: a zone that has not changed goes on counting */
export function zoneMemories(
  zones: readonly ZoneConfig[],
  former: { readonly zones: readonly ZoneConfig[]; readonly memories: ZoneMemories } | null = null,
): ZoneMemories {
  const memories: Record<string, SharedArrayBuffer> = Object.create(null)
  for (const zone of zones) {
    const known = former?.zones.find(each => isSame(each, zone))
    const kind = zone.kind === 'requests' ? RequestZone : ConnectionZone
    memories[zone.name] = known === undefined ? kind.memoryFor(zone.size) : former!.memories[zone.name]!
  }
  return memories
}

function isSame(a: ZoneConfig, b: ZoneConfig): boolean {
  const shown = (zone: ZoneConfig) =>
    JSON.stringify([zone.kind, zone.name, zone.key.text, zone.size, zone.kind === 'requests' && zone.rate])
  return shown(a) === shown(b)
}

/** A zone, and what its file said of it. */
interface Kept<Zone> {
  readonly zone: Zone
  readonly config: ZoneConfig
}

/** What the limits of requests come to: the one that has most to say, its excess, and the wait in milliseconds. */
interface Finding {
  readonly kind: 'passed' | 'delayed' | 'busy' | 'no room'
  readonly zone: string
  readonly excess: number
  readonly ms: number
}

const LONGEST_KEY = { requests: 65_535, connections: 255 }
const LEVELS: readonly LimitLevel[] = ['info', 'notice', 'warn', 'error']
const FREE: Entered = { outcome: NEXT, release() {} }

export class Limits {
  readonly zones: readonly ZoneConfig[]
  readonly memories: ZoneMemories
  readonly #requests = new Map<string, Kept<RequestZone>>()
  readonly #connections = new Map<string, Kept<ConnectionZone>>()
  readonly #now: () => number

  /**
   * @param former those of the file as it was read before
   * @param memories what the zones count in; those of another thread's limits, where one limit is to hold for all
   * @param now whole milliseconds, on a clock that all threads share
   */
  constructor(
    zones: readonly ZoneConfig[],
    former: Limits | null = null,
    memories: ZoneMemories = zoneMemories(zones, former),
    now = () => Math.floor(performance.timeOrigin + performance.now()),
  ) {
    this.zones = zones
    this.memories = memories
    this.#now = now
    for (const config of zones) {
      const { name } = config
      const memory = memories[name]!
      if (config.kind === 'requests')
        this.#requests.set(name, { zone: new RequestZone(name, config.rate, memory), config })
      else this.#connections.set(name, { zone: new ConnectionZone(name, memory), config })
    }
  }

  /** Lets a visit in, perhaps later; or says why not. What there is to say is in the error log already. */
  enter(visit: Visit): Entered | Promise<Entered> {
    const { requestLimits, connectionLimits } = visit.settings
    if (requestLimits.length === 0 && connectionLimits.length === 0) return FREE
    // Once for a request, wherever it goes from here.
    const found = visit.main.limitStatus.requests === '' ? this.#lookAtRequests(visit) : null
    if (found === null) return this.#enterConnections(visit)
    const { requestLimitDryRun: dry, requestLimitStatus: status } = visit.settings
    sayOf(found, visit)
    const isLate = found.kind === 'delayed'
    const word = isLate ? 'DELAYED' : found.kind === 'passed' ? 'PASSED' : 'REJECTED'
    visit.main.limitStatus.requests = dry && word !== 'PASSED' ? `${word}_DRY_RUN` : word
    if (word === 'PASSED' || dry) return this.#enterConnections(visit)
    return isLate ? this.#enterLate(visit, found.ms) : { ...FREE, outcome: { kind: 'status', status } }
  }

  async #enterLate(visit: Visit, ms: number): Promise<Entered> {
    const isThere = await delayed(visit, ms)
    return isThere ? this.#enterConnections(visit) : { ...FREE, outcome: { kind: 'close' } }
  }

  // — requests

  // The limits in their order. Only when all of them let it pass it counts, with each (ngx_http_limit_req_handler).
  #lookAtRequests(visit: Visit): Finding | null {
    const looks: { limit: RequestLimit; zone: RequestZone; look: Look }[] = []
    const now = this.#now()
    for (const limit of visit.settings.requestLimits) {
      const { zone, config } = this.#requests.get(limit.zone)!
      const key = keyOf(config, visit)
      if (key === null) continue
      const look = zone.look(key, now)
      if (look !== null) looks.push({ limit, zone, look })
      if (look !== null && look.excess <= limit.burst) continue
      for (const each of looks) each.look.takeBack()
      return { kind: look === null ? 'no room' : 'busy', zone: zone.name, excess: look?.excess ?? 0, ms: 0 }
    }
    if (looks.length === 0) return null
    let most: Finding = { kind: 'passed', zone: '', excess: 0, ms: 0 }
    for (const { limit, zone, look } of looks.reverse()) {
      const excess = look.count(now)
      // Of a burst with `delay=` only what goes beyond that waits.
      const ms = excess <= limit.delay ? 0 : zone.msFor(excess - limit.delay)
      if (ms > most.ms) most = { kind: 'delayed', zone: zone.name, excess, ms }
    }
    return most
  }

  // — connections

  #enterConnections(visit: Visit): Entered {
    const { connectionLimits, connectionLimitDryRun: dry, connectionLimitStatus: status } = visit.settings
    const { limitStatus } = visit.main
    if (connectionLimits.length === 0 || limitStatus.connections !== '') return FREE
    const taken: (() => void)[] = []
    const release = () => {
      for (const give of taken) give()
    }
    for (const limit of connectionLimits) {
      const { zone, config } = this.#connections.get(limit.zone)!
      const key = keyOf(config, visit)
      if (key === null) continue
      limitStatus.connections = 'PASSED'
      const given = zone.take(key, limit.most)
      if (typeof given !== 'string') {
        taken.push(given)
        continue
      }
      release()
      if (given === 'many') {
        const message = `limiting connections${dry ? ', dry run,' : ''} by zone "${zone.name}"`
        visit.site.logs.error(visit.settings.connectionLimitLevel, message, visit)
      }
      limitStatus.connections = dry ? 'REJECTED_DRY_RUN' : 'REJECTED'
      return dry ? FREE : { ...FREE, outcome: { kind: 'status', status } }
    }
    return { outcome: NEXT, release }
  }
}

// Null: the limit does not count this request.
function keyOf({ key, kind }: ZoneConfig, visit: Visit): string | null {
  const text = visit.text(key)
  if (text === '') return null
  const most = LONGEST_KEY[kind]
  if (text.length <= most) return text
  const message = `the value of the "${key.text}" key is more than ${most} bytes: "${text}"`
  visit.site.logs.error('error', message, visit)
  return null
}

// A delay is one step less serious than a refusal.
function sayOf({ kind, zone, excess }: Finding, visit: Visit): void {
  if (kind === 'passed') return
  const { requestLimitLevel, requestLimitDryRun } = visit.settings
  const { logs } = visit.site
  if (kind === 'no room') {
    logs.error('alert', `could not allocate node in limit_req zone "${zone}"`, visit)
    return
  }
  const amount = `excess: ${Math.floor(excess / 1_000)}.${String(excess % 1_000).padStart(3, '0')}`
  const dry = requestLimitDryRun ? ', dry run' : ''
  if (kind === 'busy') {
    logs.error(requestLimitLevel, `limiting requests${dry}, ${amount} by zone "${zone}"`, visit)
    return
  }
  const quieter = LEVELS[Math.max(0, LEVELS.indexOf(requestLimitLevel) - 1)]!
  logs.error(quieter, `delaying request${dry}, ${amount}, by zone "${zone}"`, visit)
}
