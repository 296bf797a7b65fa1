// The `worker lost` lines: the first losses on a route are a line each, those that repeat are gathered into one with
// their count, and a restart is one line however many it cost. Owns what was told when; judges nothing.

import type { Incident } from './loss.ts'

/** What it writes to: pino's logger. */
export interface LineLog {
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** How far back losses on one route belong together, in milliseconds. */
const TOGETHER_MS = 600_000
/** So many of them are a line at once; of later ones there is a line a minute, with the count so far. */
const AT_ONCE = 3
const EVERY_MS = 60_000
/** What a restart costs comes within a second or two; later than this it is another one. */
const RESTART_MS = 10_000
/** Lines in one minute, over all routes. */
const LINES_A_MINUTE = 20
const ROUTES = 100
/** Losses of one route whose times are kept. */
const TIMES = 1_000

/** Losses of one cause on one route; those of restarts, of one upstream. */
interface Group {
  readonly restart: boolean
  readonly name: string
  /** When each of them was told to us, the oldest first. */
  readonly times: number[]
  latest: Incident
  untold: number
  lastLine: number
}

export class LossLines {
  readonly #log: LineLog
  /** Who lost a worker last comes last. */
  readonly #groups = new Map<string, Group>()
  #untold = 0
  #minute = Number.NEGATIVE_INFINITY
  #lines = 0
  /** Losses that made room before there was a line for them. */
  #dropped = 0

  constructor(log: LineLog) {
    this.#log = log
  }

  /** @param at milliseconds of the monotonic clock, as everywhere here */
  add(incident: Incident, route: string, at: number): void {
    const restart = incident.cause === 'restart'
    const name = restart ? incident.upstream : route
    const key = `${incident.cause} ${name}`
    const group: Group = this.#groups.get(key) ?? {
      restart,
      name,
      times: [],
      latest: incident,
      untold: 0,
      lastLine: Number.NEGATIVE_INFINITY,
    }
    this.#groups.delete(key)
    if (this.#groups.size >= ROUTES) this.#makeRoom()
    this.#groups.set(key, group)
    group.latest = incident
    forget(group, at)
    group.times.push(at)
    if (group.times.length > TIMES) group.times.shift()
    group.untold++
    this.#untold++
    // The others of a restart are judged in the same beat.
    if (!restart) this.#tell(group, at)
  }

  /** The end of a clock's beat: what waited for others, or for its minute. */
  tick(at: number): void {
    if (this.#untold === 0) return
    for (const group of this.#groups.values()) this.#tell(group, at)
  }

  /** At the end all that waits is told. */
  close(at: number): void {
    for (const group of this.#groups.values()) if (group.untold > 0) this.#write(group, at)
  }

  #tell(group: Group, at: number): void {
    if (group.untold === 0) return
    const soon = !group.restart && group.times.length <= AT_ONCE
    if (!soon && at - group.lastLine < (group.restart ? RESTART_MS : EVERY_MS)) return
    if (at - this.#minute >= 60_000) {
      this.#minute = at
      this.#lines = 0
    }
    if (this.#lines >= LINES_A_MINUTE) return
    this.#lines++
    this.#write(group, at)
  }

  #write(group: Group, at: number): void {
    forget(group, at)
    const count = group.restart ? group.untold : Math.max(1, group.times.length)
    const { time: _time, ...fields } = group.latest
    const line = {
      ...fields,
      ...(count > 1 ? { count, repeated: inWords(group, count) } : {}),
      ...(this.#dropped > 0 ? { others: this.#dropped } : {}),
    }
    this.#untold -= group.untold
    group.untold = 0
    group.lastLine = at
    this.#dropped = 0
    if (group.restart) this.#log.info(line, 'worker lost')
    else this.#log.error(line, 'worker lost')
  }

  #makeRoom(): void {
    const [oldest] = this.#groups.entries()
    if (oldest === undefined) return
    const [key, { untold }] = oldest
    this.#groups.delete(key)
    this.#untold -= untold
    this.#dropped += untold
  }
}

function forget({ times }: Group, at: number): void {
  while (times.length > 0 && at - times[0]! > TOGETHER_MS) times.shift()
}

function inWords({ restart, name }: Group, count: number): string {
  if (restart) return `${count} workers lost as ${name} restarted`
  if (count >= TIMES) return `${TIMES} and more workers lost on ${name} in 10 minutes`
  return `${ordinal(count)} worker lost on ${name} in 10 minutes`
}

function ordinal(n: number): string {
  const teen = n % 100 >= 11 && n % 100 <= 13
  return `${n}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`
}
