// The record of one request and its answer: who asked, where it stands, how long each phase took, how it
// ended. Every room writes its part here and `observe/` reads it; it knows no room, no socket and no HTTP.

import { now } from './clock.ts'
import type { Failure } from './errors.ts'
import { book, type Phase, type Timers } from './phases.ts'

/** A FIN that comes later than this after the whole request is a departure, as far as is learnt from it. */
const HALF_CLOSE_MS = 100

/** The record of a request that is made for the sake of another: of the same client, by the same name. */
export function onBehalfOf(other: Exchange): Exchange {
  const { id, client, host, version } = other
  return Object.assign(new Exchange(other.peer, now()), { id, client, host, version })
}

export class Exchange {
  /** Names the request in logs, in error answers and to the app (`X-Request-Id`). */
  id = ''
  /** The edge's own name for it (such as `CF-Ray`), or empty. */
  ray = ''
  /** The client's address as far as trusted proxies tell it. */
  client = ''
  /** The address at the other end of the connection. */
  readonly peer: string
  method = ''
  /** The target as received, query included; logs print `path` unless told otherwise. */
  target = ''
  /** What kind of work it is, by a bounded name (`route-names.ts`); empty when its head was refused. */
  route = ''
  host = ''
  /** `1.0` or `1.1`. */
  version = ''
  userAgent = ''
  referer = ''
  /** An exact `--healthcheck-path`, asked by GET or HEAD. */
  healthCheck = false
  /** When the edge would stop waiting for the first byte of the answer, with a margin; 0: not known. */
  answerBy = 0
  /** Idempotent, whole in the spool and not yet with a worker: losing its worker would cost it nothing but time. */
  resendable = false
  /** What a group whose method goes by a key decides by (`ip_hash`, `hash`); null: nothing. */
  balanceKey: string | null = null
  /** The upstreams that it has been given to, by name; to be cleared when it is passed on anew. */
  tried: string[] | null = null

  /** Among those under way (the observer's). */
  place = -1

  phase: Phase = 'receiving'
  readonly startedAt: number
  endedAt = 0
  readonly timers: Timers = { receive: 0, queue: 0, hold: 0, connect: 0, wait: 0, respond: 0, deliver: 0 }
  #phaseSince: number

  /** The upstream's name and the lane in it that the request holds or held last; empty and -1 before. */
  upstream = ''
  slot = -1
  /** How many workers it was given to. */
  attempts = 0
  /** When the current worker was given the request; 0 while none has it. */
  workerSince = 0
  /** Our end of the connection to it. */
  nearEnd: { readonly localPort?: number | undefined } | null = null
  /** Its process, where it has been looked up (the observer's own note); else 0. */
  pid = 0
  /** The answer says nowhere how long it is: its client takes the end of the connection for its end. */
  endsWithConnection = false
  /** The answer is one that the app server gives by itself, for an app that gave none. */
  serversOwn = false

  /** The status the client was sent; 0 when it got none. */
  status = 0
  /** Bytes of the request from the client, and of the answer to it, heads included. */
  bytesIn = 0
  bytesOut = 0
  /** The head's part of what was sent. */
  headBytesOut = 0
  /** Bytes that went through the disk. */
  spilled = 0
  /** What a cache had for it, as nginx names it (`HIT`, `MISS`, …); empty: none was asked. */
  cache = ''
  /** The app's own `Server-Timing`, bounded. */
  serverTiming = ''
  /** Why it did not end well; null when it did. */
  failure: Failure | null = null
  /** The phase in which it failed. */
  failedIn: Phase | null = null
  clientPresent = true
  /** Its body is still coming in, or broke off. */
  uploading = false
  /** Bytes of it, once all of it has come; -1: it has not, or there is none. */
  bodyBytes = -1
  /** A worker is to have it whether or not its client waits (`proxy_ignore_client_abort on`). */
  goesOnAlone = false
  /**
   * When the client closed its side while a worker had its request; 0: it did not. It is answered all the same. The
   * minus makes it a field of floating point for V8 from the start: the first client that left would change the shape
   * of every exchange, and with it throw away the compiled code of some twenty functions in the midst of traffic.
   */
  halfClosedAt = -0
  /** Told at the end of one whose connection went over to another protocol; true: its line is written. Null: nobody asks. */
  onUpgradeEnd: (() => boolean) | null = null
  /** Warnings of `still running` that were already given (the observer's own mark). */
  warned = 0

  /**
   * The one wait that is under way for this request; called when there is nothing left to wait for: the
   * client has gone, was too slow, or the proxy stops. Whoever waits sets it; a request waits in one place
   * at a time.
   */
  onInterrupt: ((failure: Failure) => void) | null = null

  constructor(peer: string, startedAt: number) {
    this.peer = peer
    this.client = peer
    this.startedAt = startedAt
    this.#phaseSince = startedAt
  }

  /** Ends the current phase's time and begins the next one's. */
  enter(phase: Phase, at = now()): void {
    if (this.phase === 'done') return
    book(this.timers, this.phase, at - this.#phaseSince)
    this.#phaseSince = at
    this.phase = phase
    if (phase === 'done') this.endedAt = at
  }

  /** Where the time went until `at`: the timers, with that of the phase that is under way. */
  timersAt(at = now()): Timers {
    const timers = { ...this.timers }
    book(timers, this.phase, at - this.#phaseSince)
    return timers
  }

  /** Notes why the request did not end well; the first cause stands. */
  fail(failure: Failure): void {
    if (this.failure !== null) return
    this.failure = failure
    this.failedIn = this.phase
  }

  /** Ends the wait that is under way, whichever it is. */
  interrupt(failure: Failure): void {
    const wake = this.onInterrupt
    this.onInterrupt = null
    wake?.(failure)
  }

  /** The client has gone: whatever waits for its sake stops waiting. */
  leave(failure: Failure): void {
    this.clientPresent = false
    // Else it only waits, and goes on to do so.
    if (this.needsClient || !this.#waitsForWorker) this.interrupt(failure)
  }

  get #waitsForWorker(): boolean {
    return this.phase === 'queued' || this.phase === 'held'
  }

  /** Whether it would come to nothing without its client. */
  get needsClient(): boolean {
    return this.phase === 'receiving' || (this.#waitsForWorker && !this.goesOnAlone)
  }

  /** There is nobody, and nothing, that a worker would do it for. */
  get forNobody(): boolean {
    return !this.clientPresent && !this.goesOnAlone
  }

  /**
   * Milliseconds that it has waited for a worker, up to its present phase. Connects that led to nothing were waits
   * too: an upstream that does not even refuse must not add to them.
   */
  get waited(): number {
    return this.timers.queue + this.timers.hold + this.timers.connect
  }

  /** The target without its query, which may hold secrets. */
  get path(): string {
    const query = this.target.indexOf('?')
    return query === -1 ? this.target : this.target.slice(0, query)
  }

  /** `ok`, or `<who>:<phase>` as the log prints it. */
  get outcome(): string {
    if (this.failure === null) return 'ok'
    const phase =
      this.failedIn === 'held' ? 'queued' : this.failedIn === 'done' ? 'delivering' : this.failedIn
    return `${this.failure.kind.who}:${phase}`
  }

  /** Milliseconds from the first byte of the request until it ended, or until `at`. */
  age(at = now()): number {
    return (this.endedAt === 0 ? at : this.endedAt) - this.startedAt
  }

  /**
   * The same since the request was whole: clients that upload for a minute are not patient for that; what counts is how
   * long they wait for us.
   */
  sinceReady(at = now()): number {
    return this.age(at) - this.timers.receive
  }

  /**
   * After how long a client seems to have left while a worker had its request, in milliseconds; null: it did not. One
   * that only says that it sends no more says so with its request.
   */
  get leftAfter(): number | null {
    const age = this.halfClosedAt === 0 ? 0 : this.sinceReady(this.halfClosedAt)
    return age < HALF_CLOSE_MS ? null : age
  }

  /** Whether the client is there for all that people are told: one that only seems to have left has mostly done so. */
  get seemsPresent(): boolean {
    return this.clientPresent && this.leftAfter === null
  }
}
