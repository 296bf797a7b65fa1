// The caches of a site by the names of their zones, for one thread. What is known of their answers lies in memory that all
// threads share, and goes on when the file is read again.

import type { CacheConfig } from '../config/nginx/site.ts'
import { Entries } from './entries.ts'
import { Keeper } from './keeper.ts'
import { type CacheLog, CacheStore } from './store.ts'

type Memories = Readonly<Record<string, SharedArrayBuffer>>

/** Memory for what is known of each. @param former of the file as it was read before */
export function cacheMemories(
  caches: readonly CacheConfig[],
  former: { readonly caches: readonly CacheConfig[]; readonly memories: Memories } | null = null,
): Memories {
  const memories: Record<string, SharedArrayBuffer> = Object.create(null)
  for (const cache of caches) {
    const known = former?.caches.some(each => isSame(each, cache)) === true
    const memory = known ? former!.memories[memoryName(cache)] : undefined
    memories[memoryName(cache)] = memory ?? Entries.memoryFor(cache.size)
  }
  return memories
}

/** Its zone's name is one of all zones' in a file, and theirs lie beside it. */
function memoryName({ name }: CacheConfig): string {
  return `proxy_cache ${name}`
}

function isSame(a: CacheConfig, b: CacheConfig): boolean {
  const shown = ({ name, path, size, levels }: CacheConfig) => JSON.stringify([name, path, size, levels])
  return shown(a) === shown(b)
}

export class Caches {
  readonly #stores = new Map<string, CacheStore>()
  readonly #keepers: Keeper[] = []

  constructor(caches: readonly CacheConfig[], memories: Memories, log: CacheLog) {
    for (const cache of caches)
      this.#stores.set(cache.name, new CacheStore(cache, memories[memoryName(cache)]!, log))
  }

  /** Null: there is none of that name. */
  named(name: string): CacheStore | null {
    return this.#stores.get(name) ?? null
  }

  /** Has them looked after from here on; one thread does so for all. */
  keep(): void {
    for (const store of this.#stores.values()) {
      const keeper = new Keeper(store)
      this.#keepers.push(keeper)
      keeper.start()
    }
  }

  /** Nobody looks after them any more, from here. */
  stop(): void {
    for (const keeper of this.#keepers.splice(0)) keeper.stop()
  }
}
