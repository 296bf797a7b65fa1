// Every process the bench starts: begun here, in a process group of its own, and ended here, also on Ctrl-C
// and when the bench itself fails. Nothing else may spawn. It ends only what it started, by process group id.

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { groupMembers } from './measure/processes.ts'

export interface Child {
  /** Also the id of its process group, so that measurements and the end reach its children too. */
  readonly pid: number
  readonly process: ChildProcess
  /** Settles with the exit code (null after a signal) once the process is gone. */
  readonly exited: Promise<number | null>
  /** The last lines it wrote, both streams, for the message when it fails. */
  tail(): string
  /** Ends the whole group at once and waits until it is gone; a second call is harmless. */
  stop(): Promise<void>
}

export interface StartOptions {
  /** Where its output goes: `<dir>/<name>.out` and `<dir>/<name>.err`. */
  dir: string
  name: string
  env?: NodeJS.ProcessEnv
  /** Opens a message channel (Node programs only). */
  ipc?: boolean
}

const running = new Set<number>()

/** Starts a program. Rejects when it cannot be started at all (not installed, not executable). */
export async function startChild(command: string, args: string[], options: StartOptions): Promise<Child> {
  const files = ['out', 'err'].map(kind => join(options.dir, `${options.name}.${kind}`))
  const [out, err] = files.map(file => openSync(file, 'w')) as [number, number]
  const child = spawn(command, args, {
    detached: true,
    env: { ...process.env, ...options.env },
    stdio: options.ipc ? ['ignore', out, err, 'ipc'] : ['ignore', out, err],
  })
  closeSync(out)
  closeSync(err)
  const exited = new Promise<number | null>(resolve => child.once('exit', resolve))
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  const pid = child.pid!
  running.add(pid)
  return {
    pid,
    process: child,
    exited,
    tail: () => files.map(lastLines).filter(Boolean).join(' | '),
    stop: async () => {
      if (!running.has(pid)) return
      endGroup(pid)
      // A group outlives its leader: wait for the workers too, or their port is still taken.
      for (let tries = 0; groupMembers(pid).length > 0 && tries < 400; tries++) {
        await new Promise(resolve => setTimeout(resolve, 5))
        endGroup(pid)
      }
      running.delete(pid)
    },
  }
}

function lastLines(file: string): string {
  if (!existsSync(file)) return ''
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return lines.slice(-3).join(' / ').slice(-400)
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // nothing was left to end
  }
}

function endAll(): void {
  for (const pid of running) endGroup(pid)
  running.clear()
}

process.on('exit', endAll)
for (const [signal, code] of [
  ['SIGINT', 130] as const,
  ['SIGTERM', 143] as const,
  ['SIGHUP', 129] as const,
]) {
  process.on(signal, () => process.exit(code))
}
