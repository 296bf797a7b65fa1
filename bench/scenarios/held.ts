// How long a worker is held beyond its own work when the client is slow: a reader of a large answer, and a sender
// of a large body. What cannot be had for less is taken off: a copy over loopback (nothing in front, a fast client),
// and for the large answer writing it to the disk that the contenders spool to.

import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { message, startScript } from '../load/apart.ts'
import { type Ask, Connection } from '../load/connection.ts'
import { inFront, type Lab, pause, type Scenario, type Values } from './scenario.ts'

interface Visit {
  target: string
  held: number
  own: number
}

const largeBody = (lab: Lab): number => (lab.full ? 60e6 : 20e6)

/** Milliseconds beyond the app's own for one visit through each of two slow clients (or fast ones). */
async function visits(lab: Lab, front: Parameters<typeof inFront>[0], slow: boolean): Promise<Values> {
  const app = await startScript('apps/worker-clock.ts', [], lab.dir)
  try {
    const { port: upstream } = await message<{ port: number }>(app, 10_000)
    return await inFront(front, lab, { upstream, workers: 4 }, async port => {
      const beyond = async (ask: Ask): Promise<number> => {
        const visit = message<Visit>(app, 40_000, ({ target }) => target === ask.target)
        visit.catch(() => {}) // when the request fails first, that is the reason to give
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
      const size = largeBody(lab)
      const reader = { target: `/${size}`, deadline: 30_000 }
      const sender = { method: 'POST', target: '/0', body: size / 10, deadline: 30_000 }
      if (!slow) return { read: await beyond(reader), sent: await beyond(sender) }
      const reading = beyond({ ...reader, readRate: 10e6 })
      reading.catch(() => {}) // heard below
      // Begun when the large answer has been copied, so that neither is measured in the other's way.
      await pause(lab.full ? 1000 : 400)
      const [read, sent] = await Promise.all([reading, beyond({ ...sender, uploadRate: 1e6 })])
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
      title: 'worker held beyond its work and a copy, slow reader of 20 MB (full: 60)',
      unit: 'ms',
      digits: 0,
      shown: 'value',
      target: '≤ 5 ms + a copy to disk',
      meets: own => own <= 5,
    },
    {
      id: 'sentBeyond',
      title: 'the same, slow sender of 2 MB (full: 6)',
      unit: 'ms',
      digits: 0,
      shown: 'value',
      target: '≤ 5 ms + a copy',
      meets: own => own <= 5,
    },
  ],
  async reference(lab) {
    const { read, sent } = await visits(lab, null, false)
    const disk = writeTime(join(lab.dir, 'copy'), largeBody(lab))
    return { read: read!, sent: sent!, disk }
  },
  async measure(contender, lab) {
    const { read, sent } = await visits(lab, contender, true)
    const copy = lab.reference
    return {
      read: read!,
      sent: sent!,
      readBeyond: Math.max(0, read! - copy.read! - copy.disk!),
      sentBeyond: Math.max(0, sent! - copy.sent!),
    }
  },
}

/** Milliseconds to write so many bytes to a file in pieces of 64 KB, without waiting for the disk itself. */
function writeTime(file: string, size: number): number {
  const piece = Buffer.alloc(65_536, 'd')
  const start = performance.now()
  const descriptor = openSync(file, 'w')
  for (let left = size; left > 0; left -= piece.length) writeSync(descriptor, piece)
  closeSync(descriptor)
  return performance.now() - start
}
