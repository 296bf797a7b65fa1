// What idle connections cost as they grow from a hundred to fifteen thousand: resident memory, and of live traffic
// beside them the processor time a request and its latency. One contender is started once and the connections are
// added to it, as they gather in real life.

import { latencyOf, message, startScript } from '../load/apart.ts'
import { closedLoop } from '../load/loops.ts'
import { Tally } from '../load/tally.ts'
import { cpuSeconds, groupMembers, residentBytes } from '../measure/processes.ts'
import { fastUpstream, plenty } from './fast-upstream.ts'
import { type Figure, inFront, pause, type Scenario, type Values } from './scenario.ts'

const counts = [100, 1000, 5000, 15_000] as const
/** Each of these processes has descriptors of its own. */
const holders = 4

function figure(id: string, title: string, unit: string, digits: number, most: number | null): Figure {
  return {
    id,
    title,
    unit,
    digits,
    shown: 'value',
    target: most === null ? 'shown only' : `≤ ${most}`,
    meets: own => most === null || own <= most,
  }
}

export const scale: Scenario = {
  name: 'scale',
  group: 'cost',
  about: 'cost of live requests and memory beside 100 to 15,000 idle connections',
  rounds: { short: 1, full: 3 },
  fullOnly: true,
  featured: true,
  needs: ['nginx'],
  figures: [
    figure('perConnection', 'resident memory per idle connection, 15,000 held', 'KB', 1, 6),
    figure('dearer', 'processor time of a live request beside 15,000, over beside 100', '×', 2, 1.2),
    figure('slower', 'p99 of a live request beside 15,000, over beside 100', '×', 2, 1.2),
  ],
  async measure(contender, lab) {
    const upstream = await fastUpstream(contender!.name, lab.dir)
    // Above what its descriptors allow by default: it keeps a quarter of them for workers and files.
    const flags = { 'max-connections': '17000' }
    return inFront(contender, lab, { upstream, workers: plenty, flags }, async (port, running) => {
      const group = running!.child.pid
      const ask = () => ({ kind: 'warm', target: '/', deadline: 2000 })
      const warm = closedLoop(port, 16, new Tally(), ask)
      await pause(2000)
      await warm.stop()
      await latencyOf(port, 6, lab.dir)
      const empty = residentBytes(groupMembers(group))
      const all: Awaited<ReturnType<typeof startScript>>[] = []
      const values: Values = {}
      let held = 0
      try {
        for (const count of counts) {
          const more = Math.ceil((count - held) / holders)
          const added = await Promise.all(
            Array.from({ length: holders }, async () => {
              const holder = await startScript('load/hold-process.ts', [port, more], lab.dir)
              all.push(holder)
              return message<{ held: number }>(holder, 60_000)
            }),
          )
          held += added.reduce((sum, each) => sum + each.held, 0)
          if (held < count * 0.98) throw new Error(`only ${held} of ${count} connections stand`)
          await pause(1000)
          const resident = residentBytes(groupMembers(group))
          const before = cpuSeconds(group)
          const { p50, p99, samples, errors } = await latencyOf(port, lab.full ? 20 : 8, lab.dir)
          if (errors > 0) throw new Error(`${errors} live requests failed beside ${held} connections`)
          const micros = ((cpuSeconds(group) - before) * 1e6) / samples
          const seen = { p50, p99, micros, megabytes: resident / 1e6 }
          for (const [what, value] of Object.entries(seen)) {
            values[`${what} ${count}`] = value
            ;(lab.series[what] ??= []).push([count, value])
          }
          values.perConnection = (resident - empty) / 1024 / held
        }
      } finally {
        await Promise.all(all.map(each => each.stop()))
      }
      values.dearer = values['micros 15000']! / values['micros 100']!
      values.slower = values['p99 15000']! / values['p99 100']!
      return values
    })
  },
}
