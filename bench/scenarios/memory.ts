// What an idle client connection costs: resident memory with many held, after one request each, less that before
// the first, over their number. In full also whether live requests notice that they are there.

import { latencyOf, message, startScript } from '../load/apart.ts'
import { closedLoop } from '../load/loops.ts'
import { Tally } from '../load/tally.ts'
import { groupMembers, residentBytes } from '../measure/processes.ts'
import { fastUpstream, plenty } from './fast-upstream.ts'
import { inFront, pause, type Scenario } from './scenario.ts'

export const memory: Scenario = {
  name: 'memory',
  group: 'cost',
  about: 'resident memory per idle client connection',
  rounds: { short: 1, full: 5 },
  needs: ['nginx'],
  figures: [
    {
      id: 'kilobytes',
      title: 'resident memory per idle client connection',
      unit: 'KB',
      digits: 1,
      shown: 'value',
      target: '≤ 6 KB',
      meets: own => own <= 6,
    },
    {
      id: 'slower',
      title: 'p99 of live requests with 15,000 held, over that with none (full only)',
      unit: '×',
      digits: 2,
      shown: 'value',
      target: '≤ 1.2',
      meets: own => own <= 1.2,
    },
  ],
  async measure(contender, lab) {
    const upstream = await fastUpstream(contender!.name, lab.dir)
    return inFront(contender, lab, { upstream, workers: plenty }, async (port, running) => {
      // Enough of them that what a collector happens to have left over, some 8 MB more or less, is not the figure.
      const count = lab.full ? 15_000 : 6000
      // The code is loaded and compiled, and the buffers are there, before the first look.
      const warm = closedLoop(port, 16, new Tally(), () => ({ kind: 'warm', target: '/', deadline: 2000 }))
      await pause(700)
      await warm.stop()
      const before = lab.full ? await latencyOf(port, 10, lab.dir) : null
      await pause(300)
      const pids = groupMembers(running!.child.pid)
      const empty = residentBytes(pids)
      const holder = await startScript('load/hold-process.ts', [port, count], lab.dir)
      try {
        const { held } = await message<{ held: number }>(holder, 60_000)
        if (held < count * 0.95) throw new Error(`only ${held} of ${count} connections stand`)
        await pause(500)
        const kilobytes = (residentBytes(pids) - empty) / 1024 / held
        if (before === null) return { kilobytes, held }
        const after = await latencyOf(port, 10, lab.dir)
        return { kilobytes, held, slower: after.p99 / before.p99, before99: before.p99, after99: after.p99 }
      } finally {
        await holder.stop()
      }
    })
  },
}
