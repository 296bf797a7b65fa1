// Goodput against offered load, from half of what the workers can do to three times that, for clients that leave
// after a second; and for the subject also for clients that wait longer. The picture of docs/overload.md.

import { subject } from '../contenders.ts'
import { reference } from './beside.ts'
import { type Pressure, press } from './pressure.ts'
import type { Figure, Scenario, Values } from './scenario.ts'

export const loads = [0.5, 0.8, 1, 1.25, 1.5, 2, 3] as const

/** How a point's values are called: `goodput 2x 1s`. */
export const nameOf = (what: string, { load, patience }: { load: number; patience: number }): string =>
  `${what} ${load}x ${patience}s`

function figure(load: number, patience: number, ofSubject = false): Figure {
  const clients = `clients leave after ${patience} s${ofSubject ? ` (${subject} only)` : ''}`
  return {
    id: nameOf('goodput', { load, patience }),
    title: `goodput at ${load} × the capacity, ${clients}`,
    unit: '',
    digits: 2,
    shown: 'value',
    target: load <= 1 ? '≥ 0.98 × each peer' : '≥ 0.95',
    meets: (own, of) =>
      load <= 1 ? ['nginx', 'HAProxy', 'Caddy'].every(peer => !(own < 0.98 * of(peer))) : own >= 0.95,
  }
}

function health(load: number): Figure {
  return {
    id: nameOf('healthy', { load, patience: 1 }),
    title: `health checks answered within 1 s at ${load} × the capacity`,
    unit: '',
    digits: 2,
    shown: 'value',
    target: '≥ 0.95',
    meets: own => own >= 0.95,
  }
}

export const curve: Scenario = {
  name: 'curve',
  group: 'job',
  about: 'goodput against offered load, clients leave after 1 s',
  rounds: { short: 1, full: 1 },
  fullOnly: true,
  featured: true,
  needs: ['gunicorn'],
  figures: [
    ...loads.map(load => figure(load, 1)),
    ...[2, 5].flatMap(patience => [figure(2, patience, true), figure(3, patience, true)]),
    health(2),
    health(3),
  ],
  reference,
  async measure(contender, lab) {
    const values: Values = {}
    const point = async (place: Pick<Pressure, 'load' | 'patience'>): Promise<void> => {
      const seen = await press(contender, lab, { ...place, seconds: 8 })
      for (const [what, value] of Object.entries(seen)) values[nameOf(what, place)] = value
      // What gunicorn alone gives sixteen clients is what there is to have, of the offered load as well.
      const [offered, goodput, fromStart] = [seen.offered!, seen.goodput!, seen.fromStart!].map(
        rate => rate / lab.reference.goodput!,
      ) as [number, number, number]
      Object.assign(values, {
        [nameOf('goodput', place)]: goodput,
        [nameOf('fromStart', place)]: fromStart,
        [nameOf('offered', place)]: offered,
      })
      if (place.patience !== 1) return
      ;(lab.series.goodput ??= []).push([offered, goodput])
      ;(lab.series.healthy ??= []).push([offered, seen.healthy!])
    }
    for (const load of loads) await point({ load, patience: 1 })
    if (contender?.name === subject)
      for (const patience of [2, 5]) for (const load of [2, 3]) await point({ load, patience })
    return values
  },
}
