// A worker dies by SIGKILL every half second under load. An idempotent request must be answered all the same; a
// POST must be answered or refused with 502 (not left without a word), and must never be executed twice.

import { openLoop } from '../load/loops.ts'
import { Tally } from '../load/tally.ts'
import { small } from './beside.ts'
import { capacity, Gunicorn, workers } from './gunicorn.ts'
import { inFront, pause, type Scenario } from './scenario.ts'

/** Every fourth request is a POST with an id that the app writes down as it begins. */
export const mixed = (arrival: number) =>
  arrival % 4 === 3
    ? {
        kind: 'post',
        method: 'POST',
        target: `/work?id=${arrival}`,
        body: Buffer.from('pay'),
        deadline: 10_000,
      }
    : { ...small, deadline: 10_000 }

/** Kills workers in turn until the returned function is called. */
export function killing(app: Gunicorn): () => void {
  let turn = 0
  const timer = setInterval(() => app.killWorker(turn++), 500)
  return () => clearInterval(timer)
}

export const kills: Scenario = {
  name: 'kills',
  group: 'job',
  about: 'requests lost, a worker killed every 500 ms at 60 % load',
  rounds: { short: 1, full: 5 },
  unaided: true,
  needs: ['gunicorn'],
  figures: [
    {
      id: 'lost',
      title: 'GETs lost, a worker killed every 500 ms at 60 % load',
      unit: 'of 216',
      digits: 0,
      shown: 'value',
      target: '0',
      meets: own => own === 0,
    },
    {
      id: 'unanswered',
      title: 'POSTs that got neither an answer nor 502 meanwhile',
      unit: 'of 72',
      digits: 0,
      shown: 'value',
      target: '0',
      meets: own => own === 0,
    },
    {
      id: 'twice',
      title: 'POSTs executed twice meanwhile',
      unit: 'of 72',
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
        const load = openLoop(port, capacity * 0.6, tally, mixed)
        const stopKilling = killing(app)
        await pause(6000)
        stopKilling()
        await load.stop()
        const twice = [...app.executions().values()].filter(times => times > 1).length
        return {
          lost: tally.count(({ kind, outcome }) => kind !== 'post' && outcome !== 'ok'),
          unanswered: tally.count(
            ({ kind, outcome, status }) => kind === 'post' && outcome !== 'ok' && status !== 502,
          ),
          twice,
          refusedPosts: tally.count(({ kind, status }) => kind === 'post' && status === 502),
          sent: tally.entries.length,
        }
      })
    } finally {
      await app.stop()
    }
  },
}
