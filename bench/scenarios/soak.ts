// Ten minutes of everything that a day brings: small requests, uploads, slow readers, WebSockets, clients that leave,
// workers that are killed, deploys. Memory, descriptors and temporary files must not grow, and no small GET be lost (of
// a large answer half may be with the client when its worker dies). Without --full three minutes: the direction.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Connection } from '../load/connection.ts'
import { closedLoop, idleConnections, type Load, openLoop } from '../load/loops.ts'
import { sockets } from '../load/sockets.ts'
import { Tally } from '../load/tally.ts'
import { openIn } from '../measure/descriptors.ts'
import { groupMembers, residentBytes } from '../measure/processes.ts'
import { median } from '../measure/stats.ts'
import { freePort } from '../ports.ts'
import { small } from './beside.ts'
import { Gunicorn, workers } from './gunicorn.ts'
import { type Figure, inFront, pause, type Scenario, type Series, type Values } from './scenario.ts'

const megabyte = 1_000_000

/** All that goes on, but what is done to the app. About two of the four workers are busy with it. */
async function everyday(port: number, tally: Tally): Promise<Load[]> {
  return [
    openLoop(port, 25, tally, () => ({ ...small, deadline: 20_000 })),
    openLoop(port, 4, tally, () => ({ ...small, kind: 'leaving', deadline: 30 })),
    closedLoop(port, 4, tally, () => ({
      kind: 'upload',
      method: 'POST',
      target: '/work',
      body: 2 * megabyte,
      uploadRate: 400_000,
      deadline: 60_000,
    })),
    closedLoop(port, 4, tally, () => ({
      kind: 'reader',
      target: `/big?size=${6 * megabyte}`,
      readRate: 1_000_000,
      deadline: 60_000,
      expectBytes: 6 * megabyte,
    })),
    await idleConnections(port, 200),
    sockets(port, tally),
  ]
}

function figure(id: string, title: string, unit: string, most: number | null): Figure {
  return {
    id,
    title,
    unit,
    digits: unit === '' ? 0 : 1,
    shown: 'value',
    target: most === null ? 'shown only' : `≤ ${most}`,
    meets: own => most === null || own <= most,
  }
}

export const soak: Scenario = {
  name: 'soak',
  group: 'cost',
  about: 'ten minutes of mixed load: growth of memory, descriptors, files',
  rounds: { short: 1, full: 1 },
  fullOnly: true,
  alone: true,
  needs: ['gunicorn'],
  figures: [
    figure('grownResident', 'growth of resident memory, minutes 2–3 to 9–10', 'MB', 10),
    figure('grownHeap', 'growth of the heap in use meanwhile', 'MB', 5),
    figure('grownDescriptors', 'growth of descriptors meanwhile, clients’ aside', '', 5),
    figure('leftDescriptors', 'descriptors beyond those of the start, afterwards', '', 5),
    figure('leftFiles', 'temporary files left afterwards', '', 0),
    figure('lost', 'small GETs lost meanwhile', '', 0),
    figure('asked', 'requests meanwhile', '', null),
  ],
  async measure(contender, lab) {
    const minutes = lab.full ? 10 : 3
    const app = await Gunicorn.start(lab.dir)
    const admin = await freePort()
    const flags = { admin: `127.0.0.1:${admin}` }
    try {
      return await inFront(contender, lab, { upstream: app.port, workers, flags }, async (port, running) => {
        const pids = groupMembers(running!.child.pid)
        const start = openIn(pids).count
        const tally = new Tally()
        const loads = await everyday(port, tally)
        const begun = performance.now()
        const minute = (): number => (performance.now() - begun) / 60_000
        const look = async (): Promise<void> => {
          const { count, unlinked } = openIn(pids)
          const { heap, clients } = await told(admin)
          const values = {
            resident: residentBytes(pids) / 1e6,
            heap: heap / 1e6,
            clients,
            // Those of clients are the load's to open and close: after a deploy it keeps more than before.
            descriptors: count - clients,
            files: unlinked,
          }
          for (const [what, value] of Object.entries(values))
            (lab.series[what] ??= []).push([minute(), value])
        }
        for (let turn = 1; minute() < minutes; turn++) {
          await look()
          // A worker dies every ten seconds; a deploy is made twice a minute.
          if (turn % 6 === 0) await app.restart(1000)
          else if (turn % 2 === 0) app.killWorker(turn)
          await pause(5000)
        }
        const end = performance.now()
        const seen = (kind: string, right: boolean): number =>
          tally.count(entry => entry.kind === kind && entry.at < end && (entry.outcome === 'ok') === right)
        await Promise.all(loads.map(load => load.stop()))
        await pause(3000)
        const folder = join(lab.dir, 'contender')
        const named = readdirSync(folder).filter(name => name.startsWith('shieldproxy-')).length
        const after = openIn(pids)
        return {
          ...growth(lab.series, minutes),
          leftDescriptors: after.count - start,
          leftFiles: after.unlinked + named,
          lost: seen('small', false),
          asked: tally.entries.length,
          ...Object.fromEntries(
            ['small', 'leaving', 'upload', 'reader', 'socket'].flatMap(kind => [
              [`${kind} right`, seen(kind, true)],
              [`${kind} not`, seen(kind, false)],
            ]),
          ),
        }
      })
    } finally {
      await app.stop()
    }
  },
}

/** The medians of the third tenth and of the last, of ten minutes 2–3 and 9–10, and their difference. */
function growth(series: Series, minutes: number): Values {
  const between = (name: string, from: number, to: number): number =>
    median(
      series[name]!.filter(([minute]) => minute >= (from * minutes) / 10 && minute < (to * minutes) / 10).map(
        ([, value]) => value,
      ),
    )
  const values: Values = {}
  for (const [name, id] of [
    ['resident', 'Resident'],
    ['heap', 'Heap'],
    ['descriptors', 'Descriptors'],
  ] as const) {
    const [early, late] = [between(name, 2, 3), between(name, 9, 10.1)]
    Object.assign(values, { [`early${id}`]: early, [`late${id}`]: late, [`grown${id}`]: late - early })
  }
  return values
}

/** What its own metrics say: bytes of heap in use, client connections. */
async function told(admin: number): Promise<{ heap: number; clients: number }> {
  const connection = new Connection(admin)
  try {
    const { body } = await connection.ask({ target: '/metrics', deadline: 5000, keepBody: true })
    const values = (name: string): number[] =>
      [...body.toString().matchAll(new RegExp(`^${name}(?:{.*})? (\\S+)$`, 'gm'))].map(found =>
        Number(found[1]),
      )
    return {
      heap: values('nodejs_heap_size_used_bytes')[0] ?? Number.NaN,
      clients: values('shieldproxy_client_connections').reduce((sum, each) => sum + each, 0),
    }
  } finally {
    connection.close()
  }
}
