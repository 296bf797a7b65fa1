// Processor time per request: small answers, client connections kept, a fresh upstream connection each, the access
// log on.

import { wrk } from '../load/wrk.ts'
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
  ],
  async measure(contender, lab) {
    const upstream = await fastUpstream(contender!.name, lab.dir)
    return inFront(contender, lab, { upstream, workers: plenty }, async (port, running) => {
      const seconds = lab.full ? 6 : 1
      await wrk(port, 1)
      const before = cpuSeconds(running!.child.pid)
      const { requests, errors } = await wrk(port, seconds)
      const used = cpuSeconds(running!.child.pid) - before
      if (errors > requests / 1000) throw new Error(`${errors} of ${requests} requests failed`)
      return { micros: (used * 1e6) / requests, requests, errors, perSecond: requests / seconds }
    })
  },
}
