// The phases that a request goes through, and the time that it spends in each. Knows no request.

/**
 * Where a request stands. `held` is a wait while the upstream is down; in `outcome` it counts as `queued`.
 * `responding`: the worker is sending; `delivering`: the worker is done and the client still reads.
 */
export type Phase =
  | 'receiving'
  | 'queued'
  | 'held'
  | 'connecting'
  | 'waiting'
  | 'responding'
  | 'delivering'
  | 'done'

/** Time spent in each phase over all attempts, in milliseconds. The names are those of the access log. */
export interface Timers {
  receive: number
  queue: number
  hold: number
  connect: number
  wait: number
  respond: number
  deliver: number
}

/** The timers in the order in which a request goes through them. */
export const TIMERS: readonly (keyof Timers)[] = [
  'receive',
  'queue',
  'hold',
  'connect',
  'wait',
  'respond',
  'deliver',
]

/**
 * Adds so many milliseconds to the timer of a phase.
 *
 * Written out: by computed names these are the one place of the hot path that V8 looks up by name each time (1.5 % of
 * all processor time, Builtins_KeyedLoadIC_Megamorphic).
 */
export function book(timers: Timers, phase: Phase, ms: number): void {
  switch (phase) {
    case 'receiving':
      timers.receive += ms
      break
    case 'queued':
      timers.queue += ms
      break
    case 'held':
      timers.hold += ms
      break
    case 'connecting':
      timers.connect += ms
      break
    case 'waiting':
      timers.wait += ms
      break
    case 'responding':
      timers.respond += ms
      break
    case 'delivering':
      timers.deliver += ms
  }
}
