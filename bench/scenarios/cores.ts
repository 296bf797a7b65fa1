// What `--cores 2` brings, and what it must keep: throughput with one thread and with two, and whether four slots ever have more
// than four requests at a time while sixteen clients always ask. Windows of both take turns.

import { join } from 'node:path'
import { type Running, startContender } from '../contenders.ts'
import { message, startScript } from '../load/apart.ts'
import { wrk, wrkRight } from '../load/wrk.ts'
import { median } from '../measure/stats.ts'
import { fastUpstream, plenty } from './fast-upstream.ts'
import type { Scenario, Values } from './scenario.ts'

const WINDOWS = 6
const SLOTS = 4

export const cores: Scenario = {
  name: 'cores',
  group: 'cost',
  about: 'one thread and two',
  rounds: { short: 1, full: 3 },
  fullOnly: true,
  alone: true,
  needs: ['nginx', 'wrk'],
  figures: [
    {
      id: 'twice',
      title: 'throughput with two threads, over that with one (load and app on the same cores)',
      unit: '×',
      digits: 2,
      shown: 'value',
      target: 'shown only',
      meets: () => true,
    },
    ...[1, 2].map(threads => ({
      id: `most${threads}`,
      title: `most requests at a time behind four slots, --cores ${threads}`,
      unit: '',
      digits: 0,
      shown: 'value' as const,
      target: '≤ 4',
      meets: (own: number) => own <= SLOTS,
    })),
  ],
  async measure(contender, lab) {
    const started: Running[] = []
    const start = async (threads: number, upstream: number, workers: number) => {
      const dir = join(lab.dir, `${workers}-${threads}`)
      const running = await startContender(contender!, {
        upstream,
        workers,
        dir,
        flags: { cores: `${threads}` },
      })
      started.push(running)
      return running.port
    }
    const app = await startScript('apps/counting.ts', [], lab.dir)
    try {
      const { port: counted } = await message<{ port: number }>(app, 10_000)
      const upstream = await fastUpstream(contender!.name, lab.dir)
      const ports = [await start(1, upstream, plenty), await start(2, upstream, plenty)]
      for (const port of ports) await wrk(port, 8) // until what runs often is compiled
      const ratios: number[] = []
      const rates = [0, 0]
      for (let window = 0; window < WINDOWS; window++) {
        for (const [index, port] of ports.entries()) rates[index] = await rate(port)
        ratios.push(rates[1]! / rates[0]!)
      }
      const values: Values = { twice: median(ratios), one: rates[0]!, two: rates[1]! }
      for (const threads of [1, 2]) {
        await rate(await start(threads, counted, SLOTS), 4)
        app.process.send('what was it?')
        const { most, served } = await message<{ most: number; served: number }>(app, 10_000)
        values[`most${threads}`] = most
        values[`served${threads}`] = served
      }
      return values
    } finally {
      await Promise.all([...started.map(running => running.stop()), app.stop()])
    }
  },
}

/** Requests a second. */
async function rate(port: number, seconds = 3): Promise<number> {
  return (await wrkRight(port, seconds)).requests / seconds
}
