// Files of certificates and keys that are named while the proxy serves: read when they are needed, and kept for as long
// as they are what they were (`ssl_certificate_cache`, `proxy_ssl_certificate_cache`). Judges nothing of what is in them.

import { type BigIntStats, closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs'
import type { PemKeeping } from '../config/nginx/pem-keeping.ts'
import { isData } from '../config/nginx/pem-path.ts'

/** Words for people: a file that cannot be used, and why. */
export class PemError extends Error {}

export interface Pem {
  readonly bytes: Buffer
  /** Changes whenever the file does. */
  readonly mark: string
}

interface Kept {
  readonly pem: Pem
  usedAt: number
  checkedAt: number
}

/** Without a word of the file's: each use looks whether the file is as it was, so that nothing out of date is served. */
const LOOKED_AT: PemKeeping = { most: 512, inactive: Number.POSITIVE_INFINITY, valid: 0 }

export class PemFiles {
  readonly #keeping: PemKeeping
  readonly #kept = new Map<string, Kept>()
  readonly #now: () => number

  /** @param keeping null: as if nothing was kept @param now milliseconds */
  constructor(keeping: PemKeeping | null = null, now: () => number = () => performance.now()) {
    this.#keeping = keeping ?? LOOKED_AT
    this.#now = now
  }

  /**
   * @param name an absolute path, or `data:` and the thing itself
   * @param what it is, for the words of the error
   * @throws PemError
   */
  read(name: string, what: string): Pem {
    if (isData(name)) return { bytes: Buffer.from(name.slice('data:'.length), 'latin1'), mark: name }
    try {
      return this.#file(name)
    } catch (error) {
      this.#kept.delete(name)
      throw new PemError(`cannot load ${what} "${name}": ${reasonOf(error)}`)
    }
  }

  #file(path: string): Pem {
    const { most, inactive, valid } = this.#keeping
    const at = this.#now()
    const known = this.#kept.get(path)
    if (known !== undefined && at - known.usedAt < inactive) {
      // What a password opens is looked at each time, as nginx keeps no such key.
      const fresh = at - known.checkedAt < valid && !isLocked(known.pem.bytes)
      if (fresh || markOf(statSync(latin1(path), { bigint: true })) === known.pem.mark) {
        known.usedAt = at
        if (!fresh) known.checkedAt = at
        this.#kept.delete(path)
        this.#kept.set(path, known)
        return known.pem
      }
    }
    const pem = readNow(path)
    this.#kept.delete(path)
    this.#kept.set(path, { pem, usedAt: at, checkedAt: at })
    // The one that was used longest ago makes room.
    if (this.#kept.size > most) this.#kept.delete(this.#kept.keys().next().value!)
    return pem
  }
}

/** Paths are bytes, of one character each. */
function latin1(path: string): Buffer {
  return Buffer.from(path, 'latin1')
}

function readNow(path: string): Pem {
  const descriptor = openSync(latin1(path), 'r')
  try {
    return { mark: markOf(fstatSync(descriptor, { bigint: true })), bytes: readFileSync(descriptor) }
  } finally {
    closeSync(descriptor)
  }
}

function markOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
}

/**
 * A file that is read once, together with the settings that name it.
 * @param path absolute
 * @param what it is, for the words of the error
 * @throws PemError
 */
export function readOnce(path: string, what: string): Buffer {
  try {
    return readFileSync(latin1(path))
  } catch (error) {
    throw new PemError(`cannot load ${what} "${path}": ${reasonOf(error)}`)
  }
}

/** A private key that only a password opens. */
export function isLocked(pem: Buffer): boolean {
  return pem.includes('ENCRYPTED')
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
}

/** Why a file could not be read, or OpenSSL did not take it. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return REASONS[code] ?? message
}
