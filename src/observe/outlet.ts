// The way from an observer in a data plane's own thread to the one in the house, which has the only log, judges all
// losses together, and adds up what was counted. Types, and the gathering of request lines; it posts nothing itself.

import type { Counts } from './history.ts'
import type { LostWorker } from './loss.ts'
import type { Lines } from './sink.ts'

export interface Outlet {
  /** One or more lines of requests, in their final form. */
  requests(text: string): void
  /** Another line, as JSON. */
  line(text: string): void
  /** The line of a health check: to be written when its answer differs from the last one of that path. */
  health(path: string, answer: string, text: string): void
  /** Requests that have ended so far; told once a second. */
  counted(counts: Counts): void
  lost(lost: LostWorker): void
  /** The listener of an upstream took a connection, or refused one. */
  listener(upstream: string, there: boolean): void
  /** Whether connections that stand are worth telling now. */
  readonly watching: boolean
}

/** One message carries about as much as one write of the log. */
const BATCH = 16_000

/** Request lines on their way out; they wait for each other as in the log itself. */
export function outgoing(outlet: Outlet): Lines {
  let waiting = ''
  const flush = () => {
    if (waiting === '') return
    outlet.requests(waiting)
    waiting = ''
  }
  return {
    dropped: 0,
    write(text) {
      waiting += text
      if (waiting.length >= BATCH) flush()
    },
    flush,
    flushSync: flush,
    reopen() {},
    close() {
      flush()
      return Promise.resolve()
    },
  }
}
