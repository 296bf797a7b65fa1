// What a scenario is: something done with one contender at a time, and the figures read from it. Types only,
// and the two ways of putting a contender in place.

import { join } from 'node:path'
import { type Contender, type Job, type Running, startContender } from '../contenders.ts'

export interface Figure {
  /** Key of the value in what `measure` returns. */
  id: string
  title: string
  unit: string
  digits: number
  /**
   * `value`: shown as it is. `nginx`: as a multiple of nginx's value in the same round. `beside`: that, and the
   * difference.
   */
  shown: 'value' | 'nginx' | 'beside'
  target: string
  /**
   * Whether the subject's value meets the target; `of` gives another contender's, `beyond` how much the subject's is
   * above it, as median of the rounds' differences. Both are NaN when it did not run.
   */
  meets(own: number, of: (name: string) => number, beyond: (name: string) => number): boolean
}

/** Where and how one measurement runs. */
export interface Lab {
  full: boolean
  /** A fresh folder of its own. */
  dir: string
  /** What `reference` returned in this round. */
  reference: Values
  /** Courses over time or over load, by name, kept in the results beside the values and drawn from there. */
  series: Series
}

/** Points of a course: x, y. */
export type Series = Record<string, [number, number][]>

export type Values = Record<string, number>

export interface Scenario {
  name: string
  group: 'job' | 'cost'
  about: string
  rounds: { short: number; full: number }
  fullOnly?: boolean
  /** In full also only those that have any of the product's features: the others would show nothing, slowly. */
  featured?: boolean
  /** In full also the subject without being told how many workers there are. */
  unaided?: boolean
  /** Measured for the subject alone: what it shows has no counterpart in the others. */
  alone?: boolean
  /** Programs it cannot do without. */
  needs: string[]
  figures: Figure[]
  /** Measured once a round before the contenders: the app with nothing in front and nothing in its way. */
  reference?(lab: Lab): Promise<Values>
  /** Also measured with nothing in front. */
  bare?: boolean
  /** `contender` is null for nothing in front. Starts and ends all it needs; throws when there is no figure. */
  measure(contender: Contender | null, lab: Lab): Promise<Values>
}

/** Runs `work` with the port to ask: the contender's, or the app's own when there is none. */
export async function inFront<T>(
  contender: Contender | null,
  lab: Lab,
  job: Omit<Job, 'dir'>,
  work: (port: number, running: Running | null) => Promise<T>,
): Promise<T> {
  if (contender === null) return work(job.upstream, null)
  const running = await startContender(contender, { ...job, dir: join(lab.dir, 'contender') })
  try {
    return await work(running.port, running)
  } finally {
    await running.stop()
  }
}

export const pause = (ms: number): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, Math.max(0, ms)))
