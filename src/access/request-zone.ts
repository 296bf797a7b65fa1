// A zone of `limit_req`: for each key a bucket that fills by one with a request and leaks at the zone's rate, reckoned in
// thousandths of a request and in milliseconds (ngx_http_limit_req_module). Knows no request.

import { ZoneTable } from './zone-table.ts'

/** What an entry takes in nginx's zone with the usual keys (64-bit); a zone of ours has as many. */
const BYTES = 128

/** One request's look at a bucket: to be counted, or to be taken back, once. */
export interface Look {
  /** What is in the bucket beyond one a moment, the request included, in thousandths. */
  readonly excess: number
  /** Counts it now. @returns its excess */
  count(now: number): number
  takeBack(): void
}

export class RequestZone {
  readonly name: string
  /** Thousandths of a request a second. */
  readonly rate: number
  readonly #table: ZoneTable

  constructor(name: string, rate: number, memory: SharedArrayBuffer) {
    this.name = name
    this.rate = rate
    this.#table = new ZoneTable(memory)
  }

  /** @param size of the zone as it is written, in bytes */
  static memoryFor(size: number): SharedArrayBuffer {
    return ZoneTable.memoryFor(size / BYTES)
  }

  /** How long it takes until so much has leaked, in milliseconds. */
  msFor(excess: number): number {
    return Math.floor((excess * 1_000) / this.rate)
  }

  /**
   * Looks at the bucket of a key.
   * @returns null: there is no room for another key
   */
  look(key: string, now: number): Look | null {
    const table = this.#table
    return table.alone(() => {
      // A new bucket was empty long enough for its first request to have no excess.
      const at = table.entry(key, now - Math.ceil(1_000_000 / this.rate))
      if (at === -1) return null
      table.setCount(at, 'held', table.count(at, 'held') + 1)
      return {
        excess: this.#excessOf(at, now),
        count: late => this.#count(at, late),
        takeBack: () => this.#leave(at),
      }
    })
  }

  #count(at: number, now: number): number {
    const table = this.#table
    return table.alone(() => {
      const excess = this.#excessOf(at, now)
      table.setCount(at, 'held', table.count(at, 'held') - 1)
      table.setCount(at, 'amount', excess)
      table.setMoment(at, Math.max(now, table.moment(at)))
      return excess
    })
  }

  #leave(at: number): void {
    this.#table.alone(() => this.#table.setCount(at, 'held', this.#table.count(at, 'held') - 1))
  }

  #excessOf(at: number, now: number): number {
    const leaked = Math.floor((this.rate * Math.max(0, now - this.#table.moment(at))) / 1_000)
    return Math.max(0, this.#table.count(at, 'amount') - leaked + 1_000)
  }
}
