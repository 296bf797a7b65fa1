// What many locations cost: the same request through a file with one location and through one with two hundred, the last
// of which it is for, in windows that take turns. The difference is small and noise is not: the median of eight pairs.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from '../children.ts'
import { accepting, shieldCommand } from '../contenders.ts'
import { wrk, wrkRight } from '../load/wrk.ts'
import { cpuSeconds } from '../measure/processes.ts'
import { median } from '../measure/stats.ts'
import { freePort } from '../ports.ts'
import { fastUpstream, plenty } from './fast-upstream.ts'
import type { Lab, Scenario } from './scenario.ts'

const PAIRS = 8

export const locations: Scenario = {
  name: 'locations',
  group: 'cost',
  about: 'processor time that 200 locations of a file add to a request',
  rounds: { short: 1, full: 3 },
  alone: true,
  needs: ['nginx', 'wrk'],
  figures: [
    {
      id: 'added',
      title: 'processor time that 200 locations of a file add to a request',
      unit: 'µs',
      digits: 1,
      shown: 'value',
      target: '≤ 5 µs',
      meets: own => own <= 5,
    },
  ],
  async measure(contender, lab) {
    const upstream = await fastUpstream(contender!.name, lab.dir)
    const children: Child[] = []
    try {
      const one = await startFile(lab, upstream, 'one', '', children)
      const many = await startFile(lab, upstream, 'many', manyLocations(upstream), children)
      for (const each of [one, many]) await wrk(each.port, 8) // until what runs often is compiled
      const added: number[] = []
      let last = 0
      for (let pair = 0; pair < PAIRS; pair++) {
        const alone = await micros(one)
        last = await micros(many)
        added.push(last - alone)
      }
      return { added: median(added), micros: last }
    } finally {
      await Promise.all(children.map(child => child.stop()))
    }
  },
}

interface Started {
  readonly child: Child
  readonly port: number
}

async function startFile(
  lab: Lab,
  upstream: number,
  name: string,
  more: string,
  children: Child[],
): Promise<Started> {
  const port = await freePort()
  const config = join(lab.dir, `${name}.conf`)
  const pass = `location / { proxy_pass http://127.0.0.1:${upstream}; proxy_set_header Host $host; }`
  const log = join(lab.dir, `${name}.log`)
  writeFileSync(
    config,
    `access_log ${log};\nserver { listen 127.0.0.1:${port}; shield_workers ${plenty};\n${more}${pass}\n}\n`,
  )
  const command = shieldCommand({ upstream, workers: plenty, dir: lab.dir }, port, true)
  if (typeof command === 'string') throw new Error(command)
  const args = [command.args[0]!, '-c', config, '--admin', 'off', '--spool-dir', lab.dir]
  const env = command.env ?? {}
  const child = await startChild(command.command, args, { dir: lab.dir, name, env })
  children.push(child)
  await accepting(port, child)
  return { child, port }
}

/** As in the files of a large site: prefixes for the most part, and expressions that every request is tried on. */
function manyLocations(upstream: number): string {
  const to = `proxy_pass http://127.0.0.1:${upstream};`
  const prefixes = Array.from({ length: 189 }, (_, i) => `location /area${i}/part/ { ${to} }\n`)
  const expressions = Array.from({ length: 10 }, (_, i) => `location ~ ^/item${i}/\\d+$ { ${to} }\n`)
  return [...prefixes, ...expressions].join('')
}

async function micros({ child, port }: Started): Promise<number> {
  const before = cpuSeconds(child.pid)
  const { requests } = await wrkRight(port, 2)
  return ((cpuSeconds(child.pid) - before) * 1e6) / requests
}
