// One large body down and one up, as fast as it goes, and how far resident memory rises meanwhile.

import { message, startScript } from '../load/apart.ts'
import { Connection } from '../load/connection.ts'
import { groupMembers, residentBytes, watchResident } from '../measure/processes.ts'
import { inFront, pause, type Scenario } from './scenario.ts'

const mebibyte = 1 << 20

export const bulk: Scenario = {
  name: 'bulk',
  group: 'cost',
  about: 'one large body down and one up',
  rounds: { short: 1, full: 5 },
  needs: [],
  figures: [
    ...(['down', 'up'] as const).map(id => ({
      id,
      title: `throughput of one large body ${id}`,
      unit: 'MB/s',
      digits: 0,
      shown: 'nginx' as const,
      target: '≥ 0.5 × nginx',
      meets: (own: number, of: (name: string) => number) => !(own < 0.5 * of('nginx')),
    })),
    {
      id: 'risen',
      title: 'rise of resident memory meanwhile',
      unit: 'MB',
      digits: 0,
      shown: 'value',
      target: '≤ 64 MB',
      meets: own => own <= 64,
    },
  ],
  async measure(contender, lab) {
    const app = await startScript('apps/worker-clock.ts', [], lab.dir)
    try {
      const { port: upstream } = await message<{ port: number }>(app, 10_000)
      return await inFront(contender, lab, { upstream, workers: 4 }, async (port, running) => {
        const size = (lab.full ? 1024 : 256) * mebibyte
        await transfer(port, { target: '/10' }, 10)
        await pause(200)
        const idle = residentBytes(groupMembers(running!.child.pid))
        const highest = watchResident(running!.child.pid)
        try {
          const down = await transfer(port, { target: `/${size}` }, size)
          const up = await transfer(port, { method: 'POST', target: '/0', body: size }, 0)
          const rate = (ms: number): number => size / 1e6 / (ms / 1000)
          return { down: rate(down), up: rate(up), risen: (highest() - idle) / 1e6 }
        } finally {
          highest()
        }
      })
    } finally {
      await app.stop()
    }
  },
}

/** Milliseconds of one request. */
async function transfer(
  port: number,
  ask: { target: string; method?: string; body?: number },
  expect: number,
): Promise<number> {
  const connection = new Connection(port)
  try {
    const { status, bytes, ms } = await connection.ask({ ...ask, deadline: 120_000 })
    if (status !== 200 || bytes !== expect) throw new Error(`${status} with ${bytes} bytes to ${ask.target}`)
    return ms
  } finally {
    connection.close()
  }
}
