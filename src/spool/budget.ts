// One budget, of memory or of disk: what all spools hold of it, and the shares that keep one kind of message
// or one client from taking it all. Counts only; what happens at a limit is decided by the store.

/** What one client holds, in bytes, over all its spools; forgotten with the last of them. */
export class ClientUse {
  readonly name: string
  spools = 0
  memory = 0
  disk = 0

  constructor(name: string) {
    this.name = name
  }
}

export class Budget {
  /** For people: `memory` or `disk`. */
  readonly name: 'memory' | 'disk'
  /** Bytes for all spools together. */
  readonly limit: number
  /** Bytes for all requests together: half, so that answers, which free workers, always have room. */
  readonly requestShare: number
  /** Above this many bytes in requests the slowest upload is refused. */
  readonly pressure: number
  /** Bytes for one client. */
  readonly clientShare: number
  used = 0
  requests = 0

  constructor(name: 'memory' | 'disk', limit: number) {
    this.name = name
    this.limit = limit
    this.requestShare = Math.floor(limit / 2)
    this.pressure = Math.floor((this.requestShare * 3) / 4)
    this.clientShare = Math.floor(limit / 4)
  }

  /** Whether `more` bytes stay within the limit and the shares. `held`: what the client holds, 0 if exempt. */
  fits(more: number, request: boolean, held: number, exempt: boolean): boolean {
    return (
      this.used + more <= this.limit &&
      (!request || this.requests + more <= this.requestShare) &&
      (exempt || held + more <= this.clientShare)
    )
  }

  /** Takes `bytes`, or gives them back when negative. */
  take(bytes: number, request: boolean): void {
    this.used += bytes
    if (request) this.requests += bytes
  }

  /** How full the requests' share is, for the operator. */
  requestsHold(): string {
    return `requests hold ${size(this.requests)} of their ${size(this.requestShare)} of ${this.name}`
  }

  /** Which limit stands against `more` bytes, for the operator. */
  why(more: number, request: boolean, held: number, exempt: boolean): string {
    if (!exempt && held + more > this.clientShare) {
      return `the client's spools hold ${size(held)} of the ${size(this.clientShare)} of ${this.name} one client may hold`
    }
    if (request && this.requests + more > this.requestShare) {
      return this.requestsHold()
    }
    return `the spools hold ${size(this.used)} of ${size(this.limit)} of ${this.name}`
  }
}

/** A number of bytes for people, in the units of the options: `512`, `64k`, `1.5m`, `2g`. */
export function size(bytes: number): string {
  if (bytes < 1024) return String(bytes)
  for (const [unit, name] of [
    [2 ** 30, 'g'],
    [2 ** 20, 'm'],
  ] as const) {
    if (bytes >= unit) return Number((bytes / unit).toFixed(1)) + name
  }
  return Math.round(bytes / 1024) + 'k'
}
