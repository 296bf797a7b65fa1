// The first three promises: sixteen clients get all that the workers can give while something that would hold
// every worker goes on beside them. What goes on beside is the only difference.

import { closedLoop, idleConnections, type Load, type Plan } from '../load/loops.ts'
import { Tally } from '../load/tally.ts'
import { capacity, Gunicorn, workers } from './gunicorn.ts'
import { inFront, type Lab, pause, type Scenario, type Values } from './scenario.ts'

type Beside = (port: number, tally: Tally) => Promise<Load>

/** A small request that is right within two seconds: ten times what sixteen clients wait on average. */
export const small: Plan = { kind: 'small', target: '/work', deadline: 2000, expectBytes: 5 }

const megabyte = 1 << 20
const minute = 60_000

/** Connections as an edge keeps them ready: open, and silent. */
export const idle: Beside = port => idleConnections(port, 200)

/**
 * First bodies are of staggered sizes, so that from the start as many uploads end each second as begin; their
 * answers count, since they are part of what the workers do.
 */
export const uploads: Beside = async (port, tally) =>
  closedLoop(port, 40, tally, (client, turn) => ({
    kind: 'upload',
    method: 'POST',
    target: '/work',
    body: turn === 0 ? Math.round((megabyte * (client + 1)) / 40) : megabyte,
    uploadRate: 100_000,
    deadline: minute,
  }))

/** Staggered in the same way. */
export const readers: Beside = async (port, tally) =>
  closedLoop(port, 20, tally, (client, turn) => {
    const size = turn === 0 ? Math.round((8 * megabyte * (client + 1)) / 20) : 8 * megabyte
    return {
      kind: 'reader',
      target: `/big?size=${size}`,
      readRate: 400_000,
      deadline: minute,
      expectBytes: size,
    }
  })

/** Right answers a second over what the workers can do, in a window after a second to settle. */
async function goodput(port: number, seconds: number, beside: Beside[]): Promise<number> {
  const tally = new Tally()
  const loads: Load[] = []
  try {
    for (const start of beside) loads.push(await start(port, tally))
    loads.push(closedLoop(port, 16, tally, () => small))
    await pause(1000)
    const from = performance.now()
    await pause(seconds * 1000)
    const to = performance.now()
    return tally.rate(from, to) / capacity
  } finally {
    await Promise.all(loads.map(load => load.stop()))
  }
}

/** What sixteen clients get from gunicorn with nothing in front: what the workers can really do. */
export async function reference(lab: Lab): Promise<Values> {
  const app = await Gunicorn.start(lab.dir)
  try {
    return { goodput: await goodput(app.port, lab.full ? 8 : 3, []) }
  } finally {
    await app.stop()
  }
}

function scenario(name: string, about: string, beside: Beside): Scenario {
  return {
    name,
    group: 'job',
    about,
    rounds: { short: 1, full: 5 },
    needs: ['gunicorn'],
    bare: true,
    unaided: true,
    figures: [
      {
        id: 'ratio',
        title: about,
        unit: '',
        digits: 2,
        shown: 'value',
        target: '≥ 0.98 of gunicorn alone',
        meets: own => own >= 0.98,
      },
    ],
    reference,
    async measure(contender, lab) {
      const app = await Gunicorn.start(lab.dir)
      try {
        return await inFront(contender, lab, { upstream: app.port, workers }, async port => {
          // With nothing in front the answer is zero, and known soon.
          const seconds = lab.full ? 8 : contender === null ? 2 : 4
          const value = await goodput(port, seconds, [beside])
          return { goodput: value, ratio: value / lab.reference.goodput! }
        })
      } finally {
        await app.stop()
      }
    },
  }
}

export const besideIdle = scenario('idle', 'goodput beside 200 idle connections', idle)
export const besideUploads = scenario('uploads', 'goodput beside 40 uploads of 1 MB at 100 KB/s', uploads)
export const besideReaders = scenario('readers', 'goodput beside 20 readers of 8 MB at 400 KB/s', readers)
