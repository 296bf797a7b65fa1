// The house's one store of spools: the budgets they share, who must give way when those run short, and who
// is let on when they recover. Holds no bytes itself, and knows nothing of messages but how much they hold.

import { USUAL_ALLOWANCE } from './allowance.ts'
import { Budget, ClientUse, size } from './budget.ts'
import type { SpoolFolder } from './folder.ts'
import { PacedSpools } from './paced.ts'
import { type StoreOptions, type StoreSizes, sizesFor } from './sizes.ts'
import { Spool } from './spool.ts'
import { Uploads } from './uploads.ts'

export interface StoreLimits {
  /** Bytes of memory for all spools together. */
  readonly memory: number
  /** Bytes of disk for all spools together; 0: memory only. */
  readonly disk: number
  /** Where the files are made; null: memory only. */
  readonly dir: string | null
}

export interface StoreUsage {
  /** Bytes held now, and the limits. */
  memory: number
  disk: number
  memoryLimit: number
  diskLimit: number
  /** Of those, bytes held by requests. */
  requestMemory: number
  requestDisk: number
  /** Spools that were made and not destroyed. */
  open: number
  /** Answers that are sent at their client's pace now, for want of room. */
  paced: number
  /** Requests refused since the start: for want of room, and those of them that were the slowest upload. */
  refused: number
  shed: number
}

/** Milliseconds between two warnings of one kind. */
const WARN_AGAIN = 60_000

export class SpoolStore {
  readonly limits: StoreLimits
  /** For the spools: where their files go; null: memory only. */
  readonly folder: SpoolFolder | null
  readonly #memory: Budget
  readonly #disk: Budget
  readonly #warn: (message: string) => void
  readonly #clock: () => number
  readonly #clients = new Map<string, ClientUse>()
  readonly #uploads = new Uploads()
  readonly #paced: PacedSpools
  readonly #warnedAt = { limit: Number.NEGATIVE_INFINITY, disk: Number.NEGATIVE_INFINITY }
  #open = 0
  #refused = 0
  #shed = 0

  constructor(limits: StoreSizes & { warn(message: string): void; clock?: () => number }) {
    this.folder = limits.disk > 0 ? limits.folder : null
    this.#memory = new Budget('memory', limits.memory)
    this.#disk = new Budget('disk', this.folder === null ? 0 : limits.disk)
    this.limits = { memory: limits.memory, disk: this.#disk.limit, dir: this.folder?.dir ?? null }
    this.#paced = new PacedSpools(() => this.#memory.limit - this.#memory.used)
    this.#warn = limits.warn
    this.#clock = limits.clock ?? (() => performance.now())
  }

  /** Opens a store as large as `sizes.ts` says. @param options `warn` also gets what is wrong with the folder */
  static open(options: StoreOptions): SpoolStore {
    return new SpoolStore({ ...sizesFor(options), warn: options.warn })
  }

  /**
   * A new spool, which must be destroyed. `client`: who sends or receives it; null: exempt from the quarter.
   * `rereadable`: what was read is kept, so that it can be read from the start again.
   */
  spool(
    kind: 'request' | 'response',
    client: string | null,
    rereadable: boolean,
    allowance = USUAL_ALLOWANCE,
  ): Spool {
    this.#open++
    const spool = new Spool(this, kind === 'request', client, rereadable)
    spool.allowance = allowance
    return spool
  }

  /** What is held now; costs nothing to ask. */
  usage(): StoreUsage {
    return {
      memory: this.#memory.used,
      disk: this.#disk.used,
      memoryLimit: this.#memory.limit,
      diskLimit: this.#disk.limit,
      requestMemory: this.#memory.requests,
      requestDisk: this.#disk.requests,
      open: this.#open,
      paced: this.#paced.size,
      refused: this.#refused,
      shed: this.#shed,
    }
  }

  /** Wakes nobody any more. Spools that are still out remain usable, and are given back by their owners. */
  close(): void {
    this.#paced.close()
  }

  // — for the spools —

  /** Charges `bytes` of memory, also beyond the limits: the bytes are there. May refuse the slowest upload. */
  chargeMemory(spool: Spool, bytes: number): void {
    this.#know(spool)
    spool.heldMemory += bytes
    this.#memory.take(bytes, spool.request)
    if (spool.use !== null) spool.use.memory += bytes
    // With a disk, memory that runs short only means to spill earlier.
    if (spool.request && this.folder === null && this.#memory.requests > this.#memory.pressure)
      this.#relieve(false)
  }

  freeMemory(spool: Spool, bytes: number): void {
    if (bytes === 0) return
    spool.heldMemory -= bytes
    this.#memory.take(-bytes, spool.request)
    if (spool.use !== null) spool.use.memory -= bytes
    this.#paced.wake()
  }

  /** Whether `bytes` more of memory stay within the limit, the requests' half and the client's quarter. */
  memoryFits(spool: Spool, bytes: number): boolean {
    return this.#memory.fits(bytes, spool.request, spool.use?.memory ?? 0, spool.client === null)
  }

  /** Whether less than half the memory is held: what is only for speed may then take some. */
  get ample(): boolean {
    return this.#memory.used * 2 < this.#memory.limit
  }

  /** Charges `bytes` of disk if they fit. May refuse the slowest upload, which may be this one. */
  takeDisk(spool: Spool, bytes: number): boolean {
    this.#know(spool)
    if (spool.request && this.#disk.requests + bytes > this.#disk.pressure) {
      this.#relieve(true)
      if (spool.dead) return false
    }
    if (!this.#disk.fits(bytes, spool.request, spool.use?.disk ?? 0, spool.client === null)) return false
    spool.heldDisk += bytes
    this.#disk.take(bytes, spool.request)
    if (spool.use !== null) spool.use.disk += bytes
    return true
  }

  freeDisk(spool: Spool, bytes: number): void {
    if (bytes === 0) return
    spool.heldDisk -= bytes
    this.#disk.take(-bytes, spool.request)
    if (spool.use !== null) spool.use.disk -= bytes
    this.#paced.wake()
  }

  /** Which limit of memory, or of disk, stands against `bytes` more. */
  why(spool: Spool, disk: boolean, bytes: number): string {
    const budget = disk ? this.#disk : this.#memory
    const held = (disk ? spool.use?.disk : spool.use?.memory) ?? 0
    return budget.why(bytes, spool.request, held, spool.client === null)
  }

  /** One more request was refused. */
  countRefusal(): void {
    this.#refused++
  }

  /** The request has come in whole: it is no upload any more. */
  uploaded(spool: Spool): void {
    if (spool.since !== -1) this.#uploads.remove(spool)
  }

  /** The answer goes on at its client's pace until there is room again. */
  pace(spool: Spool): void {
    this.#paced.add(spool)
  }

  unpace(spool: Spool): void {
    this.#paced.remove(spool)
  }

  /** Warns of a shortage, at most once a minute of each kind. */
  complain(kind: 'limit' | 'disk', message: string): void {
    const at = this.#clock()
    if (at - this.#warnedAt[kind] < WARN_AGAIN) return
    this.#warnedAt[kind] = at
    this.#warn(`spool: ${message}`)
  }

  /** The spool was destroyed or refused; what its file still holds comes with `gone`. */
  left(spool: Spool): void {
    this.uploaded(spool)
    this.unpace(spool)
    this.#open--
  }

  /** The spool's last operation is over: all it still held comes back. */
  gone(spool: Spool): void {
    this.freeMemory(spool, spool.heldMemory)
    this.freeDisk(spool, spool.heldDisk)
    this.#uploads.gone(spool)
    const use = spool.use
    if (use === null) return
    spool.use = null
    if (--use.spools === 0) this.#clients.delete(use.name)
  }

  /** At a spool's first charge: who its client is, and when an upload began. */
  #know(spool: Spool): void {
    if (spool.since !== -1) return
    spool.since = spool.request ? this.#clock() : 0
    if (spool.request && !spool.ended) this.#uploads.add(spool)
    if (spool.client === null) return
    let use = this.#clients.get(spool.client)
    if (use === undefined) this.#clients.set(spool.client, (use = new ClientUse(spool.client)))
    use.spools++
    spool.use = use
  }

  /**
   * Above three quarters of the requests' share the slowest upload is refused, rather than whichever asks
   * next, so that slow senders cannot crowd out the others.
   */
  #relieve(disk: boolean): void {
    const at = this.#clock()
    const slowest = this.#uploads.slowest(disk, at)
    if (slowest === null) return
    this.#shed++
    const budget = disk ? this.#disk : this.#memory
    const rate = Math.round((slowest.size * 1000) / (at - slowest.since))
    slowest.refuse('full', `the slowest upload, ${size(rate)}/s, made room: ${budget.requestsHold()}`)
  }
}
