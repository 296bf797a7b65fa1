// Load clients that run in a process of their own, and the one message that each sends back.

import { join } from 'node:path'
import { type Child, startChild } from '../children.ts'

/** Starts `load/<file>` or `apps/<file>` with a message channel. */
export function startScript(file: string, args: (string | number)[], dir: string): Promise<Child> {
  const script = join(import.meta.dirname, '..', file)
  const name = file.replaceAll('/', '-')
  return startChild(process.execPath, [script, ...args.map(String)], { dir, name, ipc: true })
}

/** The next message of a child. Rejects when it ends first, or after `timeout` milliseconds. */
export function message<T>(child: Child, timeout: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no word from a load process: ${child.tail()}`)), timeout)
    child.process.once('message', value => {
      clearTimeout(timer)
      resolve(value as T)
    })
    void child.exited.then(() => {
      clearTimeout(timer)
      setImmediate(() => reject(new Error(`a load process ended: ${child.tail()}`)))
    })
  })
}

export interface Latency {
  /** Milliseconds. */
  p50: number
  p99: number
  samples: number
  errors: number
}

/** Times requests at 200 a second. */
export async function latencyOf(port: number, seconds: number, dir: string): Promise<Latency> {
  const child = await startScript('load/latency-process.ts', [port, 200, seconds], dir)
  try {
    return await message<Latency>(child, seconds * 1000 + 10_000)
  } finally {
    await child.stop()
  }
}
