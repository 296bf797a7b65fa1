// A cache in a temporary folder, for tests of its parts: what is said of it is kept, and answers are put into it in one go.

import { Entries } from '../../src/cache/entries.ts'
import type { Fill } from '../../src/cache/fill.ts'
import { CacheStore, type OpenRecord } from '../../src/cache/store.ts'
import { CacheUse, type Kept, type UseTerms } from '../../src/cache/use.ts'
import type { CacheConfig } from '../../src/config/nginx/site.ts'
import { HeaderList } from '../../src/http1/headers.ts'
import { type Owner, temporaryFolder } from '../support/owner.ts'

export interface Rig {
  readonly store: CacheStore
  readonly memory: SharedArrayBuffer
  readonly folder: string
  /** What was said to the log and the operator. */
  readonly said: string[]
  use(key: string, terms?: Partial<UseTerms>): CacheUse
}

export const NOW = Math.floor(Date.now() / 1000)

export function rigOf(owner: Owner, config: Partial<CacheConfig> = {}): Rig {
  const folder = `${temporaryFolder(owner)}/cache`
  const said: string[] = []
  const memory = Entries.memoryFor(config.size ?? 8192)
  const store = new CacheStore({ ...USUAL, path: folder, ...config }, memory, {
    error: (level, message) => void said.push(`${level}: ${message}`),
    warn: message => void said.push(`warn: ${message}`),
  })
  // As one whose folder has been looked through.
  store.zone.stock.endLoading(true)
  const use: Rig['use'] = (key, terms) =>
    new CacheUse(store, {
      key,
      headers: new HeaderList(),
      headOnly: false,
      minUses: 1,
      lock: false,
      lockTimeout: 5_000,
      lockAge: 5_000,
      ...terms,
    })
  return { store, memory, folder, said, use }
}

/** What a store has under a digest, where there are descriptors enough. */
export async function openedIn(store: CacheStore, digest: string): Promise<OpenRecord | null> {
  const found = await store.open(digest)
  if (found === 'closed') throw new Error('too many files are open')
  return found
}

const USUAL: CacheConfig = {
  name: 'one',
  size: 8192,
  path: '',
  levels: [1, 2],
  inactive: 600_000,
  maxSize: null,
  minFree: 0,
  loaderFiles: 100,
  loaderSleep: 1,
  loaderThreshold: 200,
  managerFiles: 100,
  managerSleep: 1,
  managerThreshold: 200,
  at: { file: '', line: 0 },
}

/** @param validFor seconds from now */
export function kept(validFor = 60, parts: Partial<Kept> = {}): Kept {
  const headers = new HeaderList()
  headers.add('Content-Type', 'text/plain')
  const times = { validUntil: NOW + validFor, updatingFor: 0, errorFor: 0, date: NOW }
  return { times, status: 200, reason: 'OK', headers, sized: true, headOnly: false, vary: '', ...parts }
}

/** Gives an answer to a fill, and waits for its end. @returns whether it was kept */
export async function pour(use: CacheUse, body: string | Buffer, answer = kept()): Promise<boolean> {
  const { zone } = use.store
  const before = zone.stock.usage.bytes
  const fill = use.fill(answer)
  fill.write(Buffer.from(body))
  fill.whole()
  await ended(fill)
  return zone.stock.usage.bytes !== before
}

/** Settles once it is over, whichever way. */
export async function ended(fill: Fill): Promise<void> {
  while (!fill.over) await new Promise(resolve => setImmediate(resolve))
}
