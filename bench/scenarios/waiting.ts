// Two thousand requests at once for four workers, from clients that wait as long as it takes: whether all are
// answered, how busy the workers are kept, and what each request costs in memory and processor time while it waits
// among so many.

import { openLoop } from '../load/loops.ts'
import { Tally } from '../load/tally.ts'
import { cpuSeconds, groupMembers, residentBytes, watchResident } from '../measure/processes.ts'
import { reference, small } from './beside.ts'
import { capacity, Gunicorn, workers } from './gunicorn.ts'
import { inFront, pause, type Scenario } from './scenario.ts'

const burst = 2000
const few = 100

export const waiting: Scenario = {
  name: 'waiting',
  group: 'job',
  about: '2,000 requests in the queue at once',
  rounds: { short: 1, full: 1 },
  fullOnly: true,
  featured: true,
  needs: ['gunicorn'],
  figures: [
    {
      id: 'lost',
      title: 'lost of 2,000 requests at once, patient clients',
      unit: 'of 2,000',
      digits: 0,
      shown: 'value',
      target: '0',
      meets: own => own === 0,
    },
    {
      id: 'goodput',
      title: 'goodput until the last of them is answered',
      unit: '',
      digits: 2,
      shown: 'value',
      target: '≥ 0.98 × each peer',
      meets: (own, of) => ['nginx', 'HAProxy', 'Caddy'].every(peer => !(own < 0.98 * of(peer))),
    },
    {
      id: 'kilobytes',
      title: 'resident memory per waiting request, its connection included',
      unit: 'KB',
      digits: 1,
      shown: 'value',
      target: 'shown only',
      meets: () => true,
    },
    {
      id: 'dearer',
      title: 'processor time per request with 2,000 waiting, over that with 100',
      unit: '×',
      digits: 2,
      shown: 'value',
      target: '≤ 1.2',
      meets: own => own <= 1.2,
    },
  ],
  reference,
  async measure(contender, lab) {
    const app = await Gunicorn.start(lab.dir)
    // Two thousand take 25 s; the limits of the queue are not what is measured.
    const flags = { 'queue-size': '2048', 'queue-timeout': '60s' }
    try {
      return await inFront(contender, lab, { upstream: app.port, workers, flags }, async (port, running) => {
        const group = running!.child.pid
        /** That many at once, until the last is answered. */
        const volley = async (size: number) => {
          const tally = new Tally()
          const [cpu, start] = [cpuSeconds(group), performance.now()]
          let sent = 0
          const at = (): number => (sent++ < size ? 0 : Number.POSITIVE_INFINITY)
          const load = openLoop(port, at, tally, () => ({ ...small, deadline: 60_000 }))
          while (tally.entries.length < size) await pause(20)
          await load.stop()
          const seconds = (performance.now() - start) / 1000
          const answered = tally.right(start, performance.now())
          return {
            lost: size - answered,
            goodput: answered / seconds / capacity,
            micros: ((cpuSeconds(group) - cpu) * 1e6) / size,
          }
        }
        // Small volleys first: what is compiled and allocated once is not the queue's cost.
        for (let times = 0; times < 3; times++) await volley(few)
        let microsOfFew = 0
        for (let times = 0; times < 10; times++) microsOfFew += (await volley(few)).micros / 10
        const empty = residentBytes(groupMembers(group))
        const highest = watchResident(group)
        const { lost, goodput, micros } = await volley(burst)
        return {
          lost,
          goodput: goodput / lab.reference.goodput!,
          kilobytes: (highest() - empty) / 1024 / burst,
          micros,
          microsOfFew,
          dearer: micros / microsOfFew,
        }
      })
    } finally {
      await app.stop()
    }
  },
}
