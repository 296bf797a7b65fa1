// What the data planes in threads say of themselves, put together for those who look. A plane that is busy keeps nobody
// waiting: it is shown as it was when it was last looked at.

import type { StoreUsage } from '../spool/store.ts'
import type { Report } from './messages.ts'

/** How long a look waits for a plane, in milliseconds. */
const LOOK_MS = 1_000

export interface Reporting {
  /** Asks for a new report; settles when it is there. */
  report(): Promise<void>
  /** The last one; null: there was none yet. */
  readonly last: Report | null
}

export class Reports {
  readonly #planes: readonly Reporting[]
  #last: readonly Report[] = []

  /** @param planes all of them; more may join */
  constructor(planes: readonly Reporting[]) {
    this.#planes = planes
  }

  /** Asks every plane. */
  async look(): Promise<readonly Report[]> {
    const late = new Promise<void>(resolve => setTimeout(resolve, LOOK_MS).unref())
    await Promise.all(this.#planes.map(plane => Promise.race([plane.report(), late])))
    // A counter that leaves one out would seem to have begun anew.
    this.#last = this.#planes.map(({ last }) => last).filter(report => report !== null)
    return this.#last
  }

  /** Of all planes, as of the last look. */
  get connections(): Report['connections'] {
    const sum = { idle: 0, active: 0, limit: 0 }
    for (const { connections } of this.#last) add(sum, connections)
    return sum
  }

  /** Of all planes, as of the last look. */
  get spools(): StoreUsage {
    const sum = { ...NOTHING_SPOOLED }
    for (const { spools } of this.#last) add(sum, spools)
    return sum
  }
}

const NOTHING_SPOOLED: StoreUsage = {
  memory: 0,
  disk: 0,
  memoryLimit: 0,
  diskLimit: 0,
  requestMemory: 0,
  requestDisk: 0,
  open: 0,
  paced: 0,
  refused: 0,
  shed: 0,
}

function add<Row extends object>(sum: Row, more: Row): void {
  const row = sum as Record<string, number>
  for (const [name, value] of Object.entries(more)) row[name] = (row[name] ?? 0) + value
}
