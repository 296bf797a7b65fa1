// Two hundred uploads and two hundred downloads of 50 MB at once: all must come through unharmed in length, and
// memory must stay bounded while files take what slow clients leave lying.

import { statfsSync } from 'node:fs'
import { message, startScript } from '../load/apart.ts'
import { Connection } from '../load/connection.ts'
import { openIn } from '../measure/descriptors.ts'
import { groupMembers, residentBytes, watchResident } from '../measure/processes.ts'
import { inFront, pause, type Scenario } from './scenario.ts'

const each = 200
const size = 50_000_000
/** Bytes a second of one client: slow enough that all are under way at once. */
const rate = 1_000_000

export const transfers: Scenario = {
  name: 'transfers',
  group: 'cost',
  about: '200 uploads and 200 downloads of 50 MB at once',
  rounds: { short: 1, full: 1 },
  fullOnly: true,
  featured: true,
  needs: [],
  figures: [
    {
      id: 'failed',
      title: 'of 400 transfers of 50 MB at once, failed',
      unit: '',
      digits: 0,
      shown: 'value',
      target: '0',
      meets: own => own === 0,
    },
    {
      id: 'risen',
      title: 'rise of resident memory meanwhile',
      unit: 'MB',
      digits: 0,
      shown: 'value',
      target: '≤ 256 MB',
      meets: own => own <= 256,
    },
    {
      id: 'files',
      title: 'most in temporary files meanwhile',
      unit: 'GB',
      digits: 1,
      shown: 'value',
      target: 'shown only',
      meets: () => true,
    },
    {
      id: 'seconds',
      title: 'until the last was through',
      unit: 's',
      digits: 0,
      shown: 'value',
      target: 'shown only',
      meets: () => true,
    },
  ],
  async measure(contender, lab) {
    // Not at the expense of whoever runs this.
    if (contender?.name === 'Caddy') throw new Error('not tried: it buffers 32 MB of each of 400 in memory')
    const { bavail, bsize } = statfsSync(lab.dir)
    if (bavail * bsize < 2.5 * each * size) throw new Error('25 GB of free disk are needed')
    const app = await startScript('apps/worker-clock.ts', [], lab.dir)
    // Uploads may use half of the disk's share, and above three quarters of that the slowest would be refused.
    const flags = { 'spool-disk': '30g', 'queue-timeout': '300s' }
    try {
      const { port: upstream } = await message<{ port: number }>(app, 10_000)
      return await inFront(contender, lab, { upstream, workers: 4, flags }, async (port, running) => {
        const pids = groupMembers(running!.child.pid)
        await transfer(port, { target: '/10' }, 10)
        await pause(300)
        const idle = residentBytes(pids)
        const highest = watchResident(running!.child.pid)
        const start = performance.now()
        let files = 0
        const look = (): void => {
          const { bytes } = openIn(pids)
          files = Math.max(files, bytes)
          const at = (performance.now() - start) / 1000
          ;(lab.series.resident ??= []).push([at, residentBytes(pids) / 1e6])
          ;(lab.series.files ??= []).push([at, bytes / 1e9])
        }
        look()
        const watching = setInterval(look, 500)
        try {
          const all = Array.from({ length: each }, () => [
            transfer(port, { target: `/${size}`, readRate: rate }, size),
            transfer(port, { method: 'POST', target: '/0', body: size, uploadRate: rate }, 0),
          ]).flat()
          const ended = await Promise.all(all)
          const seconds = (performance.now() - start) / 1000
          const failed = ended.filter(right => !right).length
          return { failed, risen: (highest() - idle) / 1e6, files: files / 1e9, seconds }
        } finally {
          clearInterval(watching)
          highest()
        }
      })
    } finally {
      await app.stop()
    }
  },
}

/** Whether one request got its whole answer. */
async function transfer(
  port: number,
  ask: { target: string; method?: string; body?: number; readRate?: number; uploadRate?: number },
  expect: number,
): Promise<boolean> {
  const connection = new Connection(port)
  try {
    const { status, bytes } = await connection.ask({ ...ask, deadline: 400_000 })
    return status === 200 && bytes === expect
  } catch {
    return false
  } finally {
    connection.close()
  }
}
