// How an overload falls on the clients: twenty with the same share of just more than the workers can do, and twenty
// polite ones beside one that asks for six times as much as there is. A client is an address that the trusted
// loopback peer names.

import { merged, scattered } from '../load/arrivals.ts'
import { openLoop } from '../load/loops.ts'
import { Tally } from '../load/tally.ts'
import { median } from '../measure/stats.ts'
import { reference, small } from './beside.ts'
import { capacity } from './gunicorn.ts'
import { course, underApp } from './pressure.ts'
import type { Figure, Lab, Scenario, Values } from './scenario.ts'

const clients = 20
const greedy = 'client 20'

function figure(id: string, title: string, limit: number | null): Figure {
  return {
    id,
    title,
    unit: '',
    digits: 2,
    shown: 'value',
    target: limit === null ? 'shown only' : `≥ ${limit}`,
    meets: own => limit === null || own >= limit,
  }
}

/** The share of each client's requests that were answered in time, by its name. */
async function shares(
  contender: Parameters<Scenario['measure']>[0],
  lab: Lab,
  rates: number[],
): Promise<Map<string, number>> {
  return underApp(contender, lab, async port => {
    const tally = new Tally()
    const arrivals = merged(rates.map((rate, index) => scattered(rate, index + 1)))
    const load = openLoop(port, arrivals.next, tally, () => {
      const who = arrivals.which()
      return { ...small, kind: `client ${who}`, client: `198.51.100.${who + 1}`, deadline: 1000 }
    })
    // At 1.1 times the capacity a queue that serves in order is a second long after ten seconds.
    const { from, to } = await course(12, lab.full ? 30 : 10, [load])
    const seen = tally.entries.filter(({ sent }) => sent >= from && sent < to - 1000)
    return new Map(
      rates.map((_, index) => {
        const own = seen.filter(({ kind }) => kind === `client ${index}`)
        return [`client ${index}`, own.filter(({ outcome }) => outcome === 'ok').length / own.length]
      }),
    )
  })
}

export const fair: Scenario = {
  name: 'fair',
  group: 'job',
  about: 'how an overload falls on twenty clients, and on them beside a greedy one',
  rounds: { short: 1, full: 1 },
  fullOnly: true,
  featured: true,
  needs: ['gunicorn'],
  figures: [
    figure(
      'least',
      'share answered in time at 1.1 × the capacity, of 20 equal clients the least served',
      0.5,
    ),
    figure('middle', 'the same, the median client', null),
    figure('most', 'the same, the best served', null),
    figure(
      'polite',
      'share answered in time beside a client with 500/s, 20 with 2/s: the least served',
      0.95,
    ),
    figure('greedy', 'the same, the one with 500/s', null),
  ],
  reference,
  async measure(contender, lab) {
    const equal = await shares(
      contender,
      lab,
      Array.from({ length: clients }, () => (capacity * lab.reference.goodput! * 1.1) / clients),
    )
    const beside = await shares(contender, lab, [...Array.from({ length: clients }, () => 2), 500])
    const values: Values = { greedy: beside.get(greedy)! }
    beside.delete(greedy)
    const sorted = [...equal.values()].sort((a, b) => a - b)
    lab.series.equal = sorted.map((share, index) => [index + 1, share])
    lab.series.polite = [...beside.values()].sort((a, b) => a - b).map((share, index) => [index + 1, share])
    values.least = sorted[0]!
    values.middle = median(sorted)
    values.most = sorted.at(-1)!
    values.polite = Math.min(...beside.values())
    return values
  },
}
