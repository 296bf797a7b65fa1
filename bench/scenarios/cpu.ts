// Processor time per request: small answers, client connections kept, a fresh upstream connection each, the access
// log on. Measured once a contender runs as it goes on running: V8 compiles the way of a request in the course of its
// first twenty thousand or so, for shieldproxy, http-proxy-3 and fastify alike. What it costs until then is shown too.

import { wrk, wrkRight } from '../load/wrk.ts'
import { cpuSeconds } from '../measure/processes.ts'
import { fastUpstream, plenty } from './fast-upstream.ts'
import { inFront, type Scenario } from './scenario.ts'

export const cpu: Scenario = {
  name: 'cpu',
  group: 'cost',
  about: 'processor time per proxied request',
  rounds: { short: 3, full: 5 },
  needs: ['nginx', 'wrk'],
  figures: [
    {
      id: 'micros',
      title: 'processor time per proxied request',
      unit: 'µs',
      digits: 0,
      shown: 'nginx',
      target: '≤ 2.2 × nginx (goal 1.6), 0.5 × Caddy, 0.35 × http-proxy-3',
      meets: (own, of) =>
        !(own > 2.2 * of('nginx')) && !(own > 0.5 * of('Caddy')) && !(own > 0.35 * of('http-proxy-3')),
    },
    {
      id: 'firstMicros',
      title: 'the same in its first second, before it is compiled',
      unit: 'µs',
      digits: 0,
      shown: 'nginx',
      target: '– (informational)',
      meets: () => true,
    },
  ],
  async measure(contender, lab) {
    const upstream = await fastUpstream(contender!.name, lab.dir)
    return inFront(contender, lab, { upstream, workers: plenty }, async (port, running) => {
      const { pid } = running!.child
      const first = await during(pid, port, 1)
      await wrk(port, lab.full ? 14 : 7)
      const { micros, requests, errors, perSecond } = await during(pid, port, lab.full ? 6 : 1)
      return { micros, firstMicros: first.micros, requests, errors, perSecond }
    })
  },
}

/** Microseconds of processor time a request that a process group takes while it is asked for so many seconds. */
async function during(group: number, port: number, seconds: number) {
  const before = cpuSeconds(group)
  const { requests, errors } = await wrkRight(port, seconds)
  const used = cpuSeconds(group) - before
  return { micros: (used * 1e6) / requests, requests, errors, perSecond: requests / seconds }
}
