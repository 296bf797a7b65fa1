// The server among the app's processes, as it is known now: looked for when somebody needs it, and anew when the one that was
// known has gone. There is one of these for each run of the app. Which process it is, `master.ts` finds out.

import type { UpstreamConfig } from '../config/config.ts'
import { processRow } from '../kernel/processes.ts'
import { findMaster, type Master, workersOf } from './master.ts'
import { placesOf } from './readiness.ts'

export class ServerProcess {
  readonly #group: number
  readonly #upstreams: readonly UpstreamConfig[]
  #known: Master | null = null

  /** @param group the app's process group; @param upstreams where it listens */
  constructor(group: number, upstreams: readonly UpstreamConfig[]) {
    this.#group = group
    this.#upstreams = upstreams
  }

  /** Null: it does not listen yet, or cannot be seen. */
  async pid(): Promise<number | null> {
    if (this.#known !== null && lives(this.#known.pid)) return this.#known.pid
    const places = await Promise.all(this.#upstreams.map(({ address }) => placesOf(address)))
    this.#known = await findMaster(this.#group, places.flat())
    return this.#known?.pid ?? null
  }

  /** The same, of one that is another than before: null where none has taken over. */
  successor(): Promise<number | null> {
    this.#known = null
    return this.pid()
  }

  /** Its worker processes, as of the last look for it; null where they cannot be seen. */
  workers(): readonly number[] | null {
    return this.#known === null ? null : workersOf(this.#known)
  }

  /** The processes that may serve requests, itself among them; none where they cannot be seen. */
  serving(): readonly number[] {
    return this.#known === null ? [] : [this.#known.pid, ...(this.workers() ?? [])]
  }
}

/** Sends a signal to one process; harmless where it has just gone. */
export function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has just gone.
  }
}

/** Settles when the process has ended; it is looked at every so many milliseconds. */
export async function awaitEnd(pid: number, everyMs: number): Promise<void> {
  while (lives(pid)) await new Promise(resolve => setTimeout(resolve, everyMs))
}

function lives(pid: number): boolean {
  const row = processRow(pid)
  return row !== null && row.state !== 'Z'
}
