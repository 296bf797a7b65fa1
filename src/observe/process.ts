// The process's own series, under the names that Prometheus clients share. prom-client's default set is not
// used: it wakes the process a hundred times a second for the loop's delay, observes every collection of garbage, and
// walks every handle at a scrape, which with 15,000 connections is long enough to be felt. All here is asked at a scrape.

import { readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import type { Gauge, Registry } from 'prom-client'

interface ProcessSeries {
  readonly name: string
  readonly help: string
  /** @param others what other threads have, where there are any */
  readonly read: (others: readonly ThreadUse[]) => number | null | Promise<number | null>
}

/** What each thread has of its own: a heap and an event loop. */
export interface ThreadUse {
  readonly heapUsed: number
  readonly external: number
  /** Share of the time since it was asked last in which its event loop was busy, 0 to 1. */
  readonly utilisation: number
}

let lastUtilisation = performance.eventLoopUtilization()

/** Of the thread that asks. */
export function threadUse(): ThreadUse {
  const { heapUsed, external } = process.memoryUsage()
  const now = performance.eventLoopUtilization()
  const { utilization } = performance.eventLoopUtilization(now, lastUtilisation)
  lastUtilisation = now
  return { heapUsed, external, utilisation: utilization }
}

export const PROCESS_SERIES: readonly ProcessSeries[] = [
  {
    name: 'process_cpu_seconds_total',
    help: 'CPU time of the process, user and system, in seconds.',
    read: () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    },
  },
  {
    name: 'process_start_time_seconds',
    help: 'When the process started, in seconds since the epoch.',
    read: () => Math.round(performance.timeOrigin / 1000),
  },
  {
    name: 'process_resident_memory_bytes',
    help: 'Resident memory in bytes.',
    read: () => process.memoryUsage.rss(),
  },
  { name: 'process_open_fds', help: 'Open file descriptors.', read: openDescriptors },
  { name: 'process_max_fds', help: 'The limit on open file descriptors.', read: mostDescriptors },
  {
    name: 'nodejs_heap_size_used_bytes',
    help: 'Bytes used of the JavaScript heap, of all threads together.',
    read: others => others.reduce((sum, { heapUsed }) => sum + heapUsed, process.memoryUsage().heapUsed),
  },
  {
    name: 'nodejs_external_memory_bytes',
    help: 'Bytes held by buffers and the like, outside the heap.',
    read: others => others.reduce((sum, { external }) => sum + external, process.memoryUsage().external),
  },
  {
    name: 'nodejs_eventloop_utilization',
    help: 'Share of the time since the last scrape in which the event loop was busy, 0 to 1; of several threads the busiest.',
    read: others => Math.max(threadUse().utilisation, ...others.map(({ utilisation }) => utilisation)),
  },
]

/**
 * @param Kind prom-client’s gauge, which is loaded by whoever has the registry
 * @param others what threads beside this one use
 */
export function addProcessSeries(
  registry: Registry,
  Kind: typeof Gauge,
  others: () => readonly ThreadUse[],
): void {
  for (const { name, help, read } of PROCESS_SERIES) {
    new Kind({
      name,
      help,
      registers: [registry],
      async collect() {
        const value = await read(others())
        if (value !== null) this.set(value)
      },
    })
  }
}

/** From Linux 6.2 on the folder's size is the number; before, the folder is read, off the main thread. */
async function openDescriptors(): Promise<number | null> {
  try {
    const { size } = await stat('/proc/self/fd')
    return size > 0 ? size : (await readdir('/proc/self/fd')).length
  } catch {
    return null
  }
}

function mostDescriptors(): number | null {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
    return limit === undefined ? null : Number(limit)
  } catch {
    return null
  }
}
