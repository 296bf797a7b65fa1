// Twice the requests that the workers can do, from clients that leave after a second: how many are served in time.

import { openLoop } from '../load/loops.ts'
import { Tally } from '../load/tally.ts'
import { small } from './beside.ts'
import { capacity, Gunicorn, workers } from './gunicorn.ts'
import { inFront, pause, type Scenario } from './scenario.ts'

export const overload: Scenario = {
  name: 'overload',
  group: 'job',
  about: 'goodput at twice the capacity, clients leave after 1 s',
  rounds: { short: 1, full: 5 },
  unaided: true,
  needs: ['gunicorn'],
  figures: [
    {
      id: 'goodput',
      title: 'goodput at twice the capacity, clients leave after 1 s',
      unit: '',
      digits: 2,
      shown: 'value',
      target: '≥ 0.95 (informational)',
      meets: own => own >= 0.95,
    },
  ],
  async measure(contender, lab) {
    const app = await Gunicorn.start(lab.dir)
    try {
      return await inFront(contender, lab, { upstream: app.port, workers }, async port => {
        const tally = new Tally()
        const load = openLoop(port, capacity * 2, tally, () => ({ ...small, deadline: 1000 }))
        // The first two seconds fill the queue: whoever serves in order does well until it is a second long, and
        // never again. `fromStart` counts them in, which a short run flatters and a long one does not.
        const start = performance.now()
        await pause(2000)
        const from = performance.now()
        await pause(lab.full ? 10_000 : 3000)
        const to = performance.now()
        await load.stop()
        return {
          goodput: tally.rate(from, to) / capacity,
          fromStart: (tally.right(start, to) / (to - start)) * (1000 / capacity),
          left: tally.count(({ outcome }) => outcome === 'left'),
          turnedAway: tally.count(({ status }) => status === 503),
          sent: tally.entries.length,
        }
      })
    } finally {
      await app.stop()
    }
  },
}
