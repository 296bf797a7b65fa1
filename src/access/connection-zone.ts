// A zone of `limit_conn`: how many requests of each key are under way (ngx_http_limit_conn_module). Knows no request.

import { ZoneTable } from './zone-table.ts'

/** What an entry takes in nginx's zone with the usual keys (64-bit); a zone of ours has as many. */
const BYTES = 64

export class ConnectionZone {
  readonly name: string
  readonly #table: ZoneTable

  constructor(name: string, memory: SharedArrayBuffer) {
    this.name = name
    this.#table = new ZoneTable(memory)
  }

  /** @param size of the zone as it is written, in bytes */
  static memoryFor(size: number): SharedArrayBuffer {
    return ZoneTable.memoryFor(size / BYTES)
  }

  /**
   * Counts one more.
   * @returns what gives it back, once; `many`: there are as many already; `full`: no room for another key, of which none
   * can be forgotten
   */
  take(key: string, most: number): (() => void) | 'many' | 'full' {
    const table = this.#table
    const at = table.alone(() => {
      const found = table.entry(key, 1)
      if (found === -1) return 'full'
      const count = table.count(found, 'held')
      if (count >= most) return 'many'
      table.setCount(found, 'held', count + 1)
      return found
    })
    if (typeof at === 'string') return at
    let given = true
    return () => {
      if (!given) return
      given = false
      table.alone(() => table.setCount(at, 'held', table.count(at, 'held') - 1))
    }
  }
}
