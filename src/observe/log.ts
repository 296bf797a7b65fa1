// Which line goes where and in which form: request lines to standard output or a file, all others through
// pino. Owns the destinations and the levels; decides nothing about what is worth a line but for health checks.

import { createRequire } from 'node:module'
import { isatty } from 'node:tty'
import { type DestinationStream, type Logger, pino } from 'pino'
import type { Config } from '../config/config.ts'
import type { Exchange } from '../exchange.ts'
import { levelOf, type RequestLevel, requestLine } from './access.ts'
import { iso } from './clock.ts'
import { colours, combinedLine, noColours, type Paint, prettyLine } from './formats.ts'
import { type Outlet, outgoing } from './outlet.ts'
import { harmless, shownDeep } from './quote.ts'
import { direct, type Lines, Sink } from './sink.ts'

export interface LogOptions {
  readonly logFormat: Config['logFormat']
  readonly logLevel: Config['logLevel']
  readonly logQuery: boolean
  /** A file for the request lines; null: with the rest. */
  readonly accessLog: string | null
  /** For tests: gets every line at once instead of standard output and standard error. */
  readonly destination?: DestinationStream
  /** In a data plane's own thread: the house writes all of it. */
  readonly outlet?: Outlet
}

/** Health checks have few exact paths; more than this many answers are not remembered. */
const HEALTH_PATHS = 256

export class Log {
  readonly logger: Logger
  readonly #options: LogOptions
  readonly #requests: Lines
  readonly #others: Lines
  readonly #coloured: boolean
  readonly #paint: Paint
  readonly #level: number
  readonly #healthAnswers = new Map<string, string>()
  #pretty: ((line: unknown) => string) | null = null
  #droppedTold = 0

  constructor(options: LogOptions) {
    this.#options = options
    const { outlet } = options
    this.#coloured = options.destination === undefined && wantsColours()
    this.#paint = this.#coloured && options.accessLog === null ? colours : noColours
    const open = (fd: number): Lines =>
      options.destination === undefined ? new Sink(fd) : direct(options.destination)
    // A file comes first: when it cannot be opened, nothing else has been taken.
    const file = options.accessLog === null || outlet !== undefined ? null : new Sink(options.accessLog)
    if (outlet === undefined) {
      // Tools that read the combined format do not expect other lines among them.
      this.#others = open(options.logFormat === 'combined' && file === null ? 2 : 1)
      this.#requests = file ?? (options.logFormat === 'combined' ? open(1) : this.#others)
    } else this.#others = this.#requests = outgoing(outlet)
    this.logger = pino(
      {
        level: options.logLevel,
        base: null,
        timestamp: () => ',"time":"' + iso() + '"',
        formatters: { level: label => ({ level: label }) },
      },
      { write: line => (outlet === undefined ? this.line(line) : outlet.line(line)) },
    )
    // A file that was asked for by name gets every request; the level is that of standard output.
    this.#level =
      options.accessLog !== null ? 0 : (pino.levels.values[options.logLevel] ?? Number.POSITIVE_INFINITY)
  }

  /** What may be shown of a request's target. */
  url(x: Exchange): string {
    return this.#options.logQuery ? x.target : x.path
  }

  /** The line of a finished request, unless its level is below the one asked for or it is a known health check. */
  request(x: Exchange, outcome: string): void {
    const level = levelOf(x)
    if ((level === 'info' ? 30 : level === 'warn' ? 40 : 50) < this.#level) return
    if (x.healthCheck) {
      const answer = x.status + ' ' + outcome
      const line = () => this.#lineOf(x, outcome, level)
      const { outlet } = this.#options
      if (outlet === undefined) this.health(x.path, answer, line)
      else outlet.health(x.path, answer, line())
    } else this.requests(this.#lineOf(x, outcome, level))
  }

  #lineOf(x: Exchange, outcome: string, level: RequestLevel): string {
    const format = this.#options.logFormat
    const url = this.url(x)
    if (format === 'json') return requestLine(x, iso(), level, outcome, url)
    if (format === 'pretty') return prettyLine(x, outcome, url, this.#paint)
    return combinedLine(x, url, this.#options.logQuery)
  }

  /** Lines of requests in their final form. */
  requests(text: string): void {
    this.#requests.write(text)
    // Somebody is looking.
    if (this.#options.logFormat === 'pretty') this.#requests.flush()
  }

  /** A health check's line, when the answer is not the one that path gave last. */
  health(path: string, answer: string, line: () => string): void {
    if (this.#healthChanged(path, answer)) this.requests(line())
  }

  /** Lines thrown away since the start, as whoever reads the log was too slow. */
  get dropped(): number {
    return this.#requests === this.#others
      ? this.#others.dropped
      : this.#others.dropped + this.#requests.dropped
  }

  /** Hands waiting lines to the system; called by the coarse clock, so that no line is older than its beat. */
  flush(): void {
    const dropped = this.dropped
    if (dropped > this.#droppedTold) {
      const since = dropped - this.#droppedTold
      this.#droppedTold = dropped
      this.logger.warn({ dropped: since }, 'log lines dropped')
    }
    this.#requests.flush()
    this.#others.flush()
  }

  flushSync(): void {
    this.#requests.flushSync()
    this.#others.flushSync()
  }

  reopen(): void {
    this.#requests.reopen()
  }

  async close(): Promise<void> {
    await Promise.all([this.#requests.close(), this.#others.close()])
  }

  #healthChanged(path: string, answer: string): boolean {
    if (this.#healthAnswers.get(path) === answer) return false
    if (this.#healthAnswers.size < HEALTH_PATHS || this.#healthAnswers.has(path))
      this.#healthAnswers.set(path, answer)
    return true
  }

  /** Any other line, as JSON. */
  line(line: string): void {
    if (this.#options.logFormat === 'pretty') {
      this.#pretty ??= loadPretty(this.#coloured)
      this.#others.write(this.#pretty(shownDeep(JSON.parse(line))))
    } else this.#others.write(harmless(line))
    // These lines are rare, and the one before a crash matters most.
    this.#others.flush()
  }
}

/** Colours on a terminal, unless `NO_COLOR` is set (no-color.org); anywhere with `FORCE_COLOR`. */
function wantsColours(): boolean {
  if ((process.env.NO_COLOR ?? '') !== '') return false
  const forced = process.env.FORCE_COLOR
  return isatty(1) || (forced !== undefined && forced !== '' && forced !== '0')
}

/** Loaded at the first line that needs it: a start with JSON logs never pays for it. */
function loadPretty(colorize: boolean): (line: unknown) => string {
  const { prettyFactory } = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty')
  const pretty = prettyFactory({
    colorize,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
    // `pid` is null in `worker lost` lines as long as nobody knows the worker's.
    ignore: 'hostname,pid',
    // As in the request lines beside it.
    customPrettifiers: { time: at => (colorize ? colours : noColours)(90, String(at)) },
    errorLikeObjectKeys: ['err', 'error'],
  })
  return line => pretty(line as object) ?? ''
}
