// One point of the overload picture: gunicorn under so many times the requests it can do, from clients that leave
// after so long, and health checks every second beside them. The scenarios choose the points.

import type { Contender } from '../contenders.ts'
import { evenly, scattered } from '../load/arrivals.ts'
import { type Load, openLoop } from '../load/loops.ts'
import { Tally } from '../load/tally.ts'
import { small } from './beside.ts'
import { capacity, Gunicorn, workers } from './gunicorn.ts'
import { inFront, type Lab, pause, type Values } from './scenario.ts'

export interface Pressure {
  /** Requests offered over what sixteen clients get from gunicorn alone. */
  load: number
  /** Seconds after which a client leaves. */
  patience: number
  /** Seconds to count in, once a queue that serves in order is as long as clients wait. */
  seconds: number
}

/**
 * How long until whoever serves in order has lost a client, and two seconds more for what is learnt from that, in seconds:
 * the first to leave is the one that finds a queue as long as it waits (after patience / (load − 1)), and it leaves a
 * patience later. Who serves in order does well until then, and never again. Six at least, as whoever changes its order
 * must first see that it has to. Below capacity two seconds, for what starts. `fromStart` counts all of it in.
 */
export function settling({ load, patience }: Pressure): number {
  return load > 1 ? Math.max(6, patience / (load - 1) + patience + 2) : 2
}

/**
 * Goodput once settled, and from the first second; the share of health checks answered right within a second. The
 * health checks' answers count: they are part of what the workers did.
 */
export async function press(contender: Contender | null, lab: Lab, point: Pressure): Promise<Values> {
  return underApp(contender, lab, async port => {
    const tally = new Tally()
    const deadline = point.patience * 1000
    const rate = capacity * lab.reference.goodput! * point.load
    const load = openLoop(port, scattered(rate, 1), tally, () => ({ ...small, deadline }))
    const checks = healthChecks(port, tally)
    const { start, from, to } = await course(settling(point), point.seconds, [load, checks])
    const seen = tally.entries.filter(({ sent }) => sent >= from && sent < to - 1000)
    const asked = seen.filter(({ kind }) => kind === 'health')
    const answered = (since: number): number => (tally.right(since, to) / (to - since)) * (1000 / capacity)
    return {
      goodput: answered(from),
      fromStart: answered(start),
      healthy: asked.filter(({ outcome }) => outcome === 'ok').length / asked.length,
      turnedAway: seen.filter(({ status }) => status === 503).length / seen.length,
      offered: tally.count(({ sent }) => sent >= from && sent < to) / ((to - from) * (capacity / 1000)),
    }
  })
}

/** A new gunicorn, the contender in front of it, `work`, and their end. */
export async function underApp<T>(
  contender: Contender | null,
  lab: Lab,
  work: (port: number, app: Gunicorn) => Promise<T>,
): Promise<T> {
  const app = await Gunicorn.start(lab.dir)
  try {
    return await inFront(contender, lab, { upstream: app.port, workers }, port => work(port, app))
  } finally {
    await app.stop()
  }
}

/** One health check a second, each to be answered within a second. */
export function healthChecks(port: number, tally: Tally): Load {
  return openLoop(port, evenly(1), tally, () => ({ kind: 'health', target: '/healthz', deadline: 1000 }))
}

/** Lets loads run for `settle` seconds and then `seconds`; returns the three moments once all has ended. */
export async function course(
  settle: number,
  seconds: number,
  loads: Load[],
): Promise<{ start: number; from: number; to: number }> {
  const start = performance.now()
  await pause(settle * 1000)
  const from = performance.now()
  await pause(seconds * 1000)
  const to = performance.now()
  await Promise.all(loads.map(load => load.stop()))
  return { start, from, to }
}
