// What a contender adds to the time of an answer at 200 requests a second: its percentile less the same percentile
// asked of the upstream itself over a kept connection, in the same round. The 99th is shown in full only: of a short run's few hundred samples
// it is the noise of the machine.

import { latencyOf } from '../load/apart.ts'
import { direct, fastUpstream, plenty } from './fast-upstream.ts'
import { type Figure, inFront, type Lab, type Scenario } from './scenario.ts'

/** In full, five rounds of four thousand samples. */
const seconds = (lab: Lab): number => (lab.full ? 20 : 2.5)

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
  figures: [figure('added50', 'p50'), figure('added99', 'p99 (full only)')],
  async reference(lab) {
    const port = await fastUpstream(direct, lab.dir)
    return { ...(await latencyOf(port, seconds(lab), lab.dir)) }
  },
  async measure(contender, lab) {
    const upstream = await fastUpstream(contender!.name, lab.dir)
    return inFront(contender, lab, { upstream, workers: plenty }, async port => {
      const { p50, p99, samples, errors } = await latencyOf(port, seconds(lab), lab.dir)
      if (errors > 0) throw new Error(`${errors} of ${samples + errors} requests failed`)
      const seen = { p50, p99, samples, added50: p50 - lab.reference.p50! }
      return lab.full ? { ...seen, added99: p99 - lab.reference.p99! } : seen
    })
  },
}
