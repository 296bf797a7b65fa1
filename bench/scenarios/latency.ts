// What a contender adds to the time of an answer at 200 requests a second: its percentile less the same percentile
// asked of the upstream itself over a kept connection, in the same round. Measured once a contender runs as it goes on
// running, as its processor time is; its first seconds have a row of their own. The 99th is shown in full only: of a
// short run's few hundred samples it is the noise of the machine.

import { latencyOf } from '../load/apart.ts'
import { wrk } from '../load/wrk.ts'
import { direct, fastUpstream, plenty } from './fast-upstream.ts'
import { type Figure, inFront, type Lab, type Scenario } from './scenario.ts'

/** In full, five rounds of four thousand samples. */
const seconds = (lab: Lab): number => (lab.full ? 20 : 2.5)

/** Of a contender's first seconds under this load, before its code is compiled. */
const early = (lab: Lab): number => (lab.full ? 10 : 2.5)

/** Of full load in between, for contenders whose code is compiled as it runs. */
const warming = (lab: Lab): number => (lab.full ? 15 : 8)

function figure(id: string, percent: string): Figure {
  return {
    id,
    title: `added latency at 200 requests/s, ${percent}`,
    unit: 'ms',
    digits: 2,
    shown: 'beside',
    target: '≤ 1.5 × nginx, or + 0.3 ms',
    meets: (own, of, beyond) => !(own > 1.5 * of('nginx') && beyond('nginx') > 0.3),
  }
}

function informational(id: string, percent: string): Figure {
  const title = `the same in the first seconds after the start, ${percent}`
  return { ...figure(id, percent), title, target: '– (informational)', meets: () => true }
}

export const latency: Scenario = {
  name: 'latency',
  group: 'cost',
  about: 'added latency at 200 requests/s',
  rounds: { short: 1, full: 5 },
  needs: ['nginx', 'wrk'],
  figures: [
    figure('added50', 'p50'),
    figure('added99', 'p99 (full only)'),
    informational('early50', 'p50'),
    informational('early99', 'p99 (full only)'),
  ],
  async reference(lab) {
    const port = await fastUpstream(direct, lab.dir)
    return { ...(await latencyOf(port, seconds(lab), lab.dir)) }
  },
  async measure(contender, lab) {
    const upstream = await fastUpstream(contender!.name, lab.dir)
    return inFront(contender, lab, { upstream, workers: plenty }, async port => {
      const first = await answered(port, early(lab), lab)
      await wrk(port, warming(lab))
      const { p50, p99, samples } = await answered(port, seconds(lab), lab)
      const beyond50 = { added50: p50 - lab.reference.p50!, early50: first.p50 - lab.reference.p50! }
      const beyond99 = { added99: p99 - lab.reference.p99!, early99: first.p99 - lab.reference.p99! }
      return { p50, p99, samples, ...beyond50, ...(lab.full ? beyond99 : {}) }
    })
  },
}

async function answered(port: number, seconds: number, lab: Lab) {
  const { errors, ...seen } = await latencyOf(port, seconds, lab.dir)
  if (errors > 0) throw new Error(`${errors} of ${seen.samples + errors} requests failed`)
  return seen
}
