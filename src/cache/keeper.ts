// Who looks after one cache: learns what lies in its folder at the start, removes what was not asked for for long, and
// what is too much (nginx's cache loader and cache manager). One for all threads, and in small steps, so that nobody who
// serves requests waits for it. Touches no file that is not of this program's own making.

import { opendir, statfs } from 'node:fs/promises'
import { bytesOf, closeFile, linkStatOf, opened, readAt, sizeOf, unlinked } from '../disk/calls.ts'
import { isAlive } from '../spool/folder.ts'
import { nowInSeconds } from './moments.ts'
import { isOurs, MARK_LENGTH } from './record.ts'
import { type CacheStore, READ } from './store.ts'

/** The longest pause between two looks, in milliseconds (ngx_http_file_cache_expire). */
const MOST_PAUSE_MS = 10_000
/** The same while something has to be removed as soon as it can be. */
const SOON_MS = 1_000
const NAME = /^[0-9a-f]{32}$/
/** What is written before it has its name: of which process, of which thread of it, and which of those. */
const TEMPORARY = /^[0-9a-f]{32}\.(\d{1,10})\.\d{1,10}\.\d{1,16}$/

export class Keeper {
  readonly #store: CacheStore
  #timer: NodeJS.Timeout | null = null
  #stopped = false

  constructor(store: CacheStore) {
    this.#store = store
  }

  start(): void {
    this.#again(0)
  }

  /** Ends after the step that is under way. */
  stop(): void {
    this.#stopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #again(ms: number): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#step().then(next => this.#again(next))
    }, ms).unref()
  }

  /** One round. @returns after how many milliseconds the next is due */
  async #step(): Promise<number> {
    const { zone } = this.#store
    if (zone.stock.beginLoading()) {
      const all = await this.#load()
      zone.stock.endLoading(all)
    }
    return this.clean()
  }

  // — what lies there at the start

  async #load(): Promise<boolean> {
    const { config, log, zone } = this.#store
    const pace = new Pace(config.loaderFiles, config.loaderThreshold, config.loaderSleep)
    const all = await this.#walk(config.path, config.levels, pace)
    if (all) {
      const megabytes = (zone.stock.usage.bytes / 1024 / 1024).toFixed(3)
      log.error('notice', `http file cache: ${config.path} ${megabytes}M`)
    }
    return all
  }

  async #walk(folder: string, levels: readonly number[], pace: Pace): Promise<boolean> {
    const listing = await opendir(bytesOf(folder)).catch(() => null)
    if (listing === null) return true
    for await (const entry of listing) {
      if (this.#stopped) return false
      const path = `${folder}/${entry.name}`
      if (levels.length > 0) {
        const fits = entry.isDirectory() && /^[0-9a-f]+$/.test(entry.name) && entry.name.length === levels[0]
        if (fits && !(await this.#walk(path, levels.slice(1), pace))) return false
      } else if (entry.isFile()) await this.#take(path, entry.name)
      await pace.step()
    }
    return true
  }

  async #take(path: string, name: string): Promise<void> {
    const { config, zone } = this.#store
    const [, pid] = TEMPORARY.exec(name) ?? []
    if (pid !== undefined) await this.#sweep(path, Number(pid))
    // It is to be found where its name leads.
    if (!NAME.test(name) || this.#store.place(name).file !== path) return
    const size = await sizeOfOurs(path)
    if (size !== null) zone.stock.add(name, size, config.inactive / 1000, nowInSeconds())
  }

  // Left by a process that is gone, or that had our number before.
  async #sweep(path: string, pid: number): Promise<void> {
    const found = await linkStatOf(path)
    if (found instanceof Error || !found.isFile() || Number(found.uid) !== process.getuid?.()) return
    const ours = pid === process.pid && Number(found.mtimeNs) / 1e6 >= performance.timeOrigin
    if (ours || (pid !== process.pid && isAlive(pid))) return
    await unlinked(path)
  }

  // — what is to go

  /** Removes what is due, a bounded number at a time. @returns after how many milliseconds to come again */
  async clean(): Promise<number> {
    const { config, zone } = this.#store
    const began = performance.now()
    let pause = MOST_PAUSE_MS
    for (let files = 0; ; files++) {
      const slow = performance.now() - began >= config.managerThreshold
      if (this.#stopped || files >= Math.max(1, config.managerFiles) || slow) return config.managerSleep
      const idle = zone.stock.idle(nowInSeconds())
      if (idle === 0) continue
      if (typeof idle === 'number') pause = Math.min(pause, idle * 1000)
      if (typeof idle === 'number' || idle === null) {
        if (!(await this.#isTooMuch())) return pause
        if (!(await this.#store.makeRoom())) return SOON_MS
      } else if (idle.exists) {
        await this.#store.remove(idle.digest)
        zone.stock.removed(idle.at)
      }
    }
  }

  async #isTooMuch(): Promise<boolean> {
    const { config, zone } = this.#store
    const { bytes, count, crowded } = zone.stock.usage
    if (count === 0) return false
    if (crowded || bytes > (config.maxSize ?? Number.POSITIVE_INFINITY)) return true
    if (config.minFree === 0) return false
    const disk = await statfs(bytesOf(config.path)).catch(() => null)
    return disk !== null && disk.bavail * disk.bsize < config.minFree
  }
}

/** So many steps, or so many milliseconds of them, and then a pause. */
class Pace {
  readonly #most: number
  readonly #threshold: number
  readonly #pause: number
  #steps = 0
  #since = performance.now()

  constructor(most: number, threshold: number, pause: number) {
    this.#most = most
    this.#threshold = threshold
    this.#pause = pause
  }

  async step(): Promise<void> {
    if (++this.#steps < this.#most && performance.now() - this.#since < this.#threshold) return
    await new Promise(resolve => setTimeout(resolve, this.#pause).unref())
    this.#steps = 0
    this.#since = performance.now()
  }
}

/** Null: it is not there, or somebody else's. */
async function sizeOfOurs(path: string): Promise<number | null> {
  const descriptor = await opened(path, READ)
  if (typeof descriptor !== 'number') return null
  const ours = isOurs(await readAt(descriptor, 0, MARK_LENGTH))
  const size = await sizeOf(descriptor)
  await closeFile(descriptor)
  return ours && size >= 0 ? size : null
}
