// From starting the program to its first right answer. shieldproxy runs from `dist/` when there is one, as the
// package does; `built` in the results says which it was.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startChild } from '../children.ts'
import { shieldCommand, subject } from '../contenders.ts'
import { Connection } from '../load/connection.ts'
import { freePort } from '../ports.ts'
import { fastUpstream, plenty } from './fast-upstream.ts'
import { pause, type Scenario } from './scenario.ts'

export const start: Scenario = {
  name: 'start',
  group: 'cost',
  about: 'start to first answer',
  rounds: { short: 3, full: 5 },
  needs: ['nginx'],
  figures: [
    {
      id: 'ms',
      title: 'start to first answer',
      unit: 'ms',
      digits: 0,
      shown: 'value',
      target: '≤ 250 ms',
      meets: own => own <= 250,
    },
  ],
  async measure(contender, lab) {
    const upstream = await fastUpstream(contender!.name, lab.dir)
    const job = { upstream, workers: plenty, dir: join(lab.dir, 'contender') }
    mkdirSync(job.dir, { recursive: true })
    const port = await freePort()
    const packaged = contender!.name === subject ? shieldCommand(job, port, true) : null
    const built = packaged !== null && typeof packaged !== 'string'
    const command = built ? packaged : contender!.prepare(job, port)
    if (typeof command === 'string') throw new Error(command)
    const begun = performance.now()
    const child = await startChild(command.command, command.args, {
      dir: job.dir,
      name: 'process',
      ...(command.env ? { env: command.env } : {}),
    })
    try {
      while (!(await answers(port))) {
        if (performance.now() - begun > 10_000) throw new Error(`no answer within 10 s: ${child.tail()}`)
        await pause(2)
      }
      const ms = performance.now() - begun
      return contender!.name === subject ? { ms, built: built ? 1 : 0 } : { ms }
    } finally {
      await child.stop()
    }
  },
}

async function answers(port: number): Promise<boolean> {
  const connection = new Connection(port)
  const answer = await connection.ask({ target: '/', deadline: 1000 }).catch(() => null)
  connection.close()
  return answer?.status === 200
}
