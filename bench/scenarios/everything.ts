// All of it at once: silent connections, slow uploads, slow readers, twice the load from clients that leave, a
// worker killed every half second, and a deploy in the middle.

import { type Load, openLoop } from '../load/loops.ts'
import { Tally } from '../load/tally.ts'
import { idle, readers, small, uploads } from './beside.ts'
import { capacity, Gunicorn, workers } from './gunicorn.ts'
import { killing } from './kills.ts'
import { inFront, pause, type Scenario } from './scenario.ts'

const peers = ['nginx', 'HAProxy', 'Caddy', 'http-proxy-3', 'fastify']

export const everything: Scenario = {
  name: 'all',
  group: 'job',
  about: 'goodput with all of it at once',
  rounds: { short: 1, full: 5 },
  fullOnly: true,
  needs: ['gunicorn'],
  figures: [
    {
      id: 'goodput',
      title: 'goodput with all of it at once',
      unit: '',
      digits: 2,
      shown: 'value',
      target: 'ahead of each peer',
      meets: (own, of) => peers.every(peer => Number.isNaN(of(peer)) || own > of(peer)),
    },
  ],
  async measure(contender, lab) {
    const app = await Gunicorn.start(lab.dir)
    const loads: Load[] = []
    let stopKilling = (): void => {}
    try {
      return await inFront(contender, lab, { upstream: app.port, workers }, async port => {
        const tally = new Tally()
        try {
          for (const beside of [idle, uploads, readers]) loads.push(await beside(port, tally))
          loads.push(openLoop(port, capacity * 2, tally, () => ({ ...small, deadline: 1000 })))
          await pause(2000)
          stopKilling = killing(app)
          const from = performance.now()
          await pause(6000)
          await app.restart(2000)
          await pause(16_000 - (performance.now() - from))
          const to = performance.now()
          return { goodput: (tally.right(from, to) / (to - from)) * (1000 / capacity) }
        } finally {
          stopKilling()
          await Promise.all(loads.map(load => load.stop()))
        }
      })
    } finally {
      await app.stop()
    }
  },
}
