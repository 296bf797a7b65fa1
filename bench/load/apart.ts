// Load clients that run in a process of their own, and the one message that each sends back.

import { join } from 'node:path'
import { type Child, startChild } from '../children.ts'

/** Starts `load/<file>` or `apps/<file>` with a message channel. */
export function startScript(file: string, args: (string | number)[], dir: string): Promise<Child> {
  const script = join(import.meta.dirname, '..', file)
  const name = file.replaceAll('/', '-')
  return startChild(process.execPath, [script, ...args.map(String)], { dir, name, ipc: true })
}

/**
 * The next message of a child that `wanted` accepts. Rejects when the child ends first, or after `timeout`
 * milliseconds.
 */
export function message<T>(
  child: Child,
  timeout: number,
  wanted = (_message: T): boolean => true,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      clearTimeout(timer)
      child.process.off('message', hear)
      child.process.off('exit', ended)
      finish()
    }
    const fail = (): void => settle(() => reject(new Error(`no word from a load process: ${child.tail()}`)))
    const hear = (value: unknown): void => {
      if (wanted(value as T)) settle(() => resolve(value as T))
    }
    // Its last message may be read after its end.
    const ended = (): void =>
      void setImmediate(() => child.process.listeners('message').includes(hear) && fail())
    const timer = setTimeout(fail, timeout)
    child.process.on('message', hear)
    child.process.once('exit', ended)
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
