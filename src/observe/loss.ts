// What is told of a lost worker: by the data plane when its connection ended, and by us when the cause is known. The
// shapes, and the one loss that nobody but the observer can see. Judges nothing.

import type { Exchange } from '../exchange.ts'
import type { Cause } from './sources.ts'

/** A connection to a worker that ended without a whole answer. */
export interface LostWorker {
  readonly method: string
  readonly url: string
  /** The kind of work, by a bounded name; unlike the URL it may be counted by. */
  readonly route: string
  readonly id: string
  readonly ray: string
  readonly client: string
  readonly clientPresent: boolean
  readonly upstream: string
  readonly slot: number
  /** The worker's process, where it is known. */
  readonly pid?: number | null
  /** Milliseconds since the worker was given the request. */
  readonly ageMs: number
  readonly bytesIn: number
  /** Bytes of the answer that had come. */
  readonly bytesOut: number
  /** `answered`: not lost to us, but perhaps ended by its master all the same. */
  readonly how: 'reset' | 'fin' | 'protocol' | 'answered'
  readonly headSeen: boolean
  /** The answer was one that the app server gives by itself. */
  readonly serversOwn?: boolean
  /** What was seen, in plain words; for `protocol`, what was received. */
  readonly detail: string
}

/** One entry of `incidents[]`, and what a `worker lost` line carries. */
export interface Incident {
  readonly time: string
  readonly cause: Cause
  readonly method: string
  readonly url: string
  readonly id: string
  readonly ray: string
  readonly client: string
  readonly age_ms: number
  readonly bytes_in: number
  readonly bytes_out: number
  readonly client_present: boolean
  readonly slot: number | null
  readonly pid: number | null
  readonly upstream: string
  readonly evidence: readonly string[]
  readonly advice: string
}

/** Whether a whole answer may have been a worker's last: its process is known to us, or the server spoke for the app. */
export function mayBeTheLast(x: Exchange): boolean {
  return x.pid !== 0 || x.serversOwn
}

/** Whose request it was, where it was, and what had come of it: all of a loss but how it went. */
export function losing(
  x: Exchange,
  url: string,
): Omit<LostWorker, 'ageMs' | 'bytesOut' | 'how' | 'headSeen' | 'detail'> {
  const { method, route, id, ray, client, seemsPresent: clientPresent, upstream, slot, bytesIn } = x
  const pid = x.pid === 0 ? null : x.pid
  return { method, url, route, id, ray, client, clientPresent, upstream, slot, pid, bytesIn }
}

/** A whole answer, as a loss: what the server says of its worker, or its age, decides whether it was one. */
export function answeredBy(x: Exchange, url: string): LostWorker {
  return {
    ...losing(x, url),
    ageMs: x.timers.wait + x.timers.respond,
    bytesOut: x.bytesOut,
    how: 'answered',
    headSeen: true,
    serversOwn: x.serversOwn,
    detail: `the answer had the status ${x.status}`,
  }
}
