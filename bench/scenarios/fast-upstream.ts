// The upstream of the CPU, latency, memory and start figures: nginx that answers from memory and closes. One for
// the whole run, with a port for each contender.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from '../children.ts'
import { accepting, contenders, fillIn, findProgram, nginxUser } from '../contenders.ts'
import { freePort } from '../ports.ts'

/** Slots given to those that count them: more than ever are in use, so that the limit is not what is measured. */
export const plenty = 64

let started: Promise<{ ports: Map<string, number>; child: Child }> | null = null

/** Asks for the port that keeps its clients' connections, for a look at the upstream with nothing in front. */
export const direct = 'direct'

/** The port for a contender, or `direct`. `dir` is the caller's own folder; the upstream's lies beside it. */
export async function fastUpstream(contender: string, dir: string): Promise<number> {
  started ??= launch(join(dir, '..', 'fast-upstream'))
  return (await started).ports.get(contender)!
}

async function launch(dir: string): Promise<{ ports: Map<string, number>; child: Child }> {
  mkdirSync(dir, { recursive: true })
  const ports = new Map<string, number>()
  for (const { name } of contenders) ports.set(name, await freePort())
  const listens = [...ports.values()].map(port => `        listen 127.0.0.1:${port} backlog=4096;`).join('\n')
  const kept = await freePort()
  ports.set(direct, kept)
  const config = join(dir, 'fast-nginx.conf')
  fillIn('apps/fast-nginx.conf', config, { dir, listens, kept, user: nginxUser })
  const program = findProgram('nginx')
  if (program === null) throw new Error('nginx is not installed')
  const child = await startChild(program, ['-p', dir, '-c', config, '-e', join(dir, 'fast-error.log')], {
    dir,
    name: 'fast-nginx',
  })
  await accepting(kept, child)
  return { ports, child }
}
