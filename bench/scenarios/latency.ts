// What a contender adds to the time of an answer at 200 requests a second: its percentile less the same percentile
// with nothing in front, in the same round.

import { latencyOf } from '../load/apart.ts'
import { fastUpstream, plenty } from './fast-upstream.ts'
import { type Figure, inFront, type Scenario } from './scenario.ts'

function figure(id: string, percent: string): Figure {
  return {
    id,
    title: `added latency at 200 requests/s, ${percent}`,
    unit: 'ms',
    digits: 2,
    shown: 'beside',
    target: '≤ 1.5 × nginx, or + 0.3 ms',
    meets: (own, of) => !(own > 1.5 * of('nginx') && own > of('nginx') + 0.3),
  }
}

export const latency: Scenario = {
  name: 'latency',
  group: 'cost',
  about: 'added latency at 200 requests/s',
  rounds: { short: 1, full: 5 },
  needs: ['nginx'],
  figures: [figure('added50', 'p50'), figure('added99', 'p99')],
  async reference(lab) {
    const port = await fastUpstream('', lab.dir)
    return { ...(await latencyOf(port, lab.full ? 20 : 3, lab.dir)) }
  },
  async measure(contender, lab) {
    const upstream = await fastUpstream(contender?.name ?? '', lab.dir)
    return inFront(contender, lab, { upstream, workers: plenty }, async port => {
      const { p50, p99, samples, errors } = await latencyOf(port, lab.full ? 20 : 3, lab.dir)
      if (errors > 0) throw new Error(`${errors} of ${samples + errors} requests failed`)
      return { p50, p99, samples, added50: p50 - lab.reference.p50!, added99: p99 - lab.reference.p99! }
    })
  },
}
