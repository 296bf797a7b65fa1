// A deploy as it really happens: the app ends in order, nothing listens for two seconds, and it is back.

import { openLoop } from '../load/loops.ts'
import { Tally } from '../load/tally.ts'
import { small } from './beside.ts'
import { capacity, Gunicorn, workers } from './gunicorn.ts'
import { inFront, pause, type Scenario } from './scenario.ts'

export const restart: Scenario = {
  name: 'restart',
  group: 'job',
  about: 'requests lost, the app down for 2 s and back at 40 % load',
  rounds: { short: 1, full: 5 },
  unaided: true,
  needs: ['gunicorn'],
  figures: [
    {
      id: 'lost',
      title: 'lost, the app down for 2 s and back at 40 % load',
      unit: 'of 192',
      digits: 0,
      shown: 'value',
      target: '0',
      meets: own => own === 0,
    },
  ],
  async measure(contender, lab) {
    const app = await Gunicorn.start(lab.dir)
    try {
      return await inFront(contender, lab, { upstream: app.port, workers }, async port => {
        const tally = new Tally()
        const load = openLoop(port, capacity * 0.4, tally, () => ({ ...small, deadline: 10_000 }))
        await pause(1500)
        const [from] = [performance.now(), await app.restart(2000)]
        await pause(4500 - (performance.now() - from))
        await load.stop()
        return { lost: tally.count(({ outcome }) => outcome !== 'ok'), sent: tally.entries.length }
      })
    } finally {
      await app.stop()
    }
  },
}
