// What the rest of the proxy tells about itself, and where it goes: log lines, counters, incidents, the table
// of what is in flight. Reads exchanges and never changes one (but for its own mark of warnings); opens no socket. What
// those who look are shown of it is put together in `overview.ts`.

import type { DestinationStream, Logger } from 'pino'
import { now } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { Exchange } from '../exchange.ts'
import { oomKills } from '../kernel/oom-kills.ts'
import { type Counts, countsOf } from './history.ts'
import { Incidents } from './incidents.ts'
import { InFlight } from './inflight.ts'
import { Log } from './log.ts'
import { answeredBy, type LostWorker, mayBeTheLast } from './loss.ts'
import { LossLines } from './loss-lines.ts'
import { MemoryDeaths } from './memory-deaths.ts'
import type { Outlet } from './outlet.ts'
import { Overview } from './overview.ts'
import { clip, LONGEST } from './quote.ts'
import { Routes } from './routes.ts'
import type { ConnectResult, ShedReason } from './sources.ts'
import { Tally } from './tally.ts'
import { Transitions } from './transitions.ts'
import { WorkerNames } from './worker-names.ts'
import type { WorkerWord } from './worker-words.ts'

export type { LostWorker } from './loss.ts'
export type { ConnectResult, InflightRow, ShedReason, Sources, UpstreamRow } from './sources.ts'

export interface ObserverOptions {
  readonly logFormat: Config['logFormat']
  readonly logLevel: Config['logLevel']
  readonly logQuery: boolean
  readonly accessLog: string | null
  /** Milliseconds; null when not known. */
  readonly workerTimeout: number | null
  readonly version: string
  /** How long requests are held, in milliseconds; only for the words of `upstream down`. */
  readonly hold?: number
  /** For tests: gets every line at once. */
  readonly destination?: DestinationStream
  /** In a data plane's own thread: the house's observer writes the lines and judges the losses. */
  readonly outlet?: Outlet
}

/** Between two samples of the history; the beat comes four times a second. */
const SAMPLE_EVERY_MS = 950

export class Observer {
  /** For general lines; `msg` in plain words. */
  readonly log: Logger
  /** For those who look. */
  readonly overview: Overview
  readonly names: WorkerNames
  readonly #options: ObserverOptions
  readonly #log: Log
  readonly #debug: boolean
  readonly #inflight: InFlight
  readonly #incidents: Incidents
  readonly #lossLines: LossLines
  readonly #tally = new Tally()
  readonly #routes = new Routes()
  readonly #transitions: Transitions
  #sampledAt = 0

  /** @throws when the access log cannot be opened */
  constructor(options: ObserverOptions) {
    this.#options = options
    this.#log = new Log(options)
    this.log = this.#log.logger
    this.#debug = this.log.isLevelEnabled('debug')
    this.#inflight = new InFlight(options.workerTimeout, x => this.#log.url(x))
    this.names = new WorkerNames(this.#inflight)
    this.#transitions = new Transitions(this.log, options.hold)
    this.#lossLines = new LossLines(this.log)
    // In a data plane's own thread nothing is judged, and nobody needs to know.
    const memory = options.outlet === undefined ? new MemoryDeaths(oomKills) : null
    this.#incidents = new Incidents(
      options.workerTimeout,
      (incident, route) => {
        this.#tally.lost.set(incident.cause, this.#tally.lost.get(incident.cause)! + 1)
        this.#lossLines.add(incident, route, now())
      },
      memory,
    )
    this.overview = new Overview({
      version: options.version,
      workerTimeout: options.workerTimeout,
      tally: this.#tally,
      routes: this.#routes,
      inflight: this.#inflight,
      incidents: this.#incidents,
      dropped: () => this.#log.dropped,
    })
  }

  /** A request's head is there. */
  arrived(x: Exchange): void {
    this.#inflight.add(x)
    if (!this.#debug || x.healthCheck) return
    const line = {
      id: clip(x.id, LONGEST.id),
      ray: clip(x.ray, LONGEST.ray),
      client: clip(x.client, LONGEST.client),
      method: clip(x.method, LONGEST.method),
      http_host: clip(x.host, LONGEST.host),
      url: clip(this.#log.url(x), LONGEST.url),
    }
    this.log.debug(line, 'arrival')
  }

  /** A request has ended, well or not; also one that never arrived. @param told its line is in a log of the site's own */
  finished(x: Exchange, told = false): void {
    // While a worker is still busy with it, it is in flight, whether or not its client waits for it.
    if (x.workerSince === 0) this.#inflight.delete(x)
    const outcome = x.outcome
    this.#tally.finished(x, outcome)
    // What no worker had tells nothing about a route.
    if (x.attempts > 0) this.#routes.add(x)
    if (!told) this.#log.request(x, outcome)
  }

  /** The worker has hung up, with a whole answer or not: a request that had ended before leaves the table now. */
  released(x: Exchange, answered = false): void {
    if (answered && mayBeTheLast(x)) this.workerEnded(answeredBy(x, this.#log.url(x)))
    if (x.phase === 'done') this.#inflight.delete(x)
  }

  /** The coarse clock's beat, about every 250 ms, on the monotonic clock. */
  tick(at: number): void {
    this.#inflight.tick(at, (row, passed, others) =>
      this.log.warn(row === null ? { others } : { ...row, passed }, 'still running'),
    )
    this.#incidents.settle(at)
    this.#lossLines.tick(at)
    this.names.tick(at)
    if (at - this.#sampledAt >= SAMPLE_EVERY_MS) {
      this.#sampledAt = at
      this.#sample()
    }
    this.#log.flush()
  }

  #sample(): void {
    const { outlet } = this.#options
    if (outlet === undefined) this.overview.sample()
    else outlet.counted(countsOf(this.#tally))
  }

  /** @param willHold whether requests wait for it, or are refused */
  upstreamDown(name: string, detail: string, willHold: boolean): void {
    this.#incidents.listener(name, false, now())
    this.#transitions.down(name, detail, willHold)
  }

  /** @param downForMs milliseconds */
  upstreamUp(name: string, downForMs: number): void {
    this.#incidents.listener(name, true, now())
    this.#transitions.up(name, downForMs)
  }

  /** A connection to an upstream was opened, or was not. */
  connected(upstream: string, result: ConnectResult): void {
    this.#tally.connected(upstream, result)
    if (result !== 'ok' && result !== 'refused') return
    const there = result === 'ok'
    const { outlet } = this.#options
    if (outlet === undefined) this.listener(upstream, there)
    else if (!there || outlet.watching) outlet.listener(upstream, there)
  }

  /** The listener of an upstream took a connection, or refused one. */
  listener(upstream: string, there: boolean): void {
    this.#incidents.listener(upstream, there, now())
  }

  /** Whether connections that stand are evidence now. */
  get watching(): boolean {
    return this.#incidents.watching
  }

  /** A connection to a worker ended, as a rule without a whole answer. A verdict follows within about three seconds. */
  workerEnded(lost: LostWorker): void {
    const { outlet } = this.#options
    if (outlet === undefined) this.#incidents.lost(lost, now())
    else outlet.lost(lost)
  }

  /** The server's own log, or the app's end, told something of a worker. */
  workerSaid(word: WorkerWord): void {
    this.#incidents.heard(word, now())
  }

  /** A worker slot came back after `busyMs` milliseconds. */
  workerFreed(upstream: string, busyMs: number): void {
    this.#tally.busy(upstream, busyMs)
  }

  /** A request, or a connection, was refused for want of room. */
  shed(reason: ShedReason): void {
    this.#tally.shed.set(reason, this.#tally.shed.get(reason)! + 1)
  }

  /** What data planes in other threads send: lines of requests, any other line, a health check's, and what they counted. */
  readonly relay = {
    requests: (text: string): void => this.#log.requests(text),
    line: (text: string): void => this.#log.line(text),
    counted: (plane: object, counts: Counts): void => this.overview.counted(plane, counts),
    health: (path: string, answer: string, text: string): void => this.#log.health(path, answer, () => text),
  }

  /** Opens the access log again under its name (USR1). @throws when it cannot; the old file stays in use */
  reopen(): void {
    this.#log.reopen()
  }

  /** Writes the lines that wait, and returns when they are written. */
  flush(): void {
    this.#log.flushSync()
  }

  /** The last thing at a stop. */
  async close(): Promise<void> {
    this.#incidents.flush(now())
    this.#lossLines.close(now())
    await this.#log.close()
  }
}
