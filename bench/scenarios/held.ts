// How long a worker is held beyond its own work when the client is slow: a reader of a large answer, and a sender
// of a large body. With nothing in front and a fast client it is the time of a copy over loopback.

import { message, startScript } from '../load/apart.ts'
import { type Ask, Connection } from '../load/connection.ts'
import { inFront, type Lab, pause, type Scenario, type Values } from './scenario.ts'

interface Visit {
  held: number
  own: number
}

/** Milliseconds beyond the app's own for one visit through each of two slow clients (or fast ones). */
async function visits(lab: Lab, front: Parameters<typeof inFront>[0], slow: boolean): Promise<Values> {
  const app = await startScript('apps/worker-clock.ts', [], lab.dir)
  try {
    const { port: upstream } = await message<{ port: number }>(app, 10_000)
    return await inFront(front, lab, { upstream, workers: 4 }, async port => {
      const beyond = async (ask: Ask): Promise<number> => {
        const visit = message<Visit>(app, 40_000)
        const connection = new Connection(port)
        try {
          const { status } = await connection.ask(ask)
          if (status !== 200) throw new Error(`${status} to ${ask.target}`)
          const { held, own } = await visit
          return held - own
        } finally {
          connection.close()
        }
      }
      await beyond({ target: '/1', deadline: 5000 })
      const size = lab.full ? 60e6 : 20e6
      const reader = { target: `/${size}`, deadline: 30_000 }
      const sender = { method: 'POST', target: '/0', body: size / 10, deadline: 30_000 }
      const read = await beyond(slow ? { ...reader, readRate: 10e6 } : reader)
      await pause(50)
      const sent = await beyond(slow ? { ...sender, uploadRate: 1e6 } : sender)
      return { read, sent }
    })
  } finally {
    await app.stop()
  }
}

export const held: Scenario = {
  name: 'held',
  group: 'cost',
  about: 'worker held beyond its own work',
  rounds: { short: 1, full: 5 },
  needs: [],
  figures: [
    {
      id: 'readBeyond',
      title: 'worker held beyond its own work and a copy, slow reader of 20 MB (full: 60 MB)',
      unit: 'ms',
      digits: 0,
      shown: 'value',
      target: '≤ 5 ms + a copy to disk',
      meets: own => own <= 5,
    },
    {
      id: 'sentBeyond',
      title: 'the same, slow sender of 2 MB (full: 6 MB)',
      unit: 'ms',
      digits: 0,
      shown: 'value',
      target: '≤ 5 ms + a copy',
      meets: own => own <= 5,
    },
  ],
  reference: lab => visits(lab, null, false),
  async measure(contender, lab) {
    const { read, sent } = await visits(lab, contender, true)
    const copy = lab.reference
    return { read: read!, sent: sent!, readBeyond: read! - copy.read!, sentBeyond: sent! - copy.sent! }
  },
}
