// Log files whose names hold variables, kept open from line to line: `open_log_file_cache`. Counts and forgets as nginx
// does (ngx_open_file_cache.c). Knows nothing of what the lines say.

import { appendFileSync, closeSync, constants, fstatSync, openSync, statSync } from 'node:fs'
import type { LogFileCache } from '../config/nginx/modules/log.ts'

/** As nginx creates logs. */
const MODE = 0o644
/** A pipe that nobody reads fails, and stalls nobody. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK
/** So many that have been idle too long are closed at one use of another. */
const FORGOTTEN_AT_ONCE = 2

interface Kept {
  /** Null: it has not been used often enough to stay open. */
  fd: number | null
  /** Which file it is, wherever its name leads by now. */
  identity: string
  /** When it was seen to be the one of its name, and when it was last written to. */
  seen: number
  used: number
  uses: number
}

export class KeptFiles {
  readonly #terms: LogFileCache
  readonly #now: () => number
  /** By path; the one that was used last is the last. */
  readonly #files = new Map<string, Kept>()

  constructor(terms: LogFileCache, now: () => number) {
    this.#terms = terms
    this.#now = now
  }

  /** Writes lines to the file of that name. @param lines how many there are @throws what the system says against it */
  append(path: string, text: string, lines: number): void {
    const { max, minUses } = this.#terms
    const at = this.#now()
    const known = this.#files.get(path)
    // One that cannot be opened is not known any more.
    this.#files.delete(path)
    const file = known ?? { fd: null, identity: '', seen: at, used: at, uses: 0 }
    file.uses += lines
    const fd = this.#descriptor(path, file, at)
    if (this.#files.size >= max) this.#forgetFirst()
    file.used = at
    this.#files.set(path, file)
    try {
      appendFileSync(fd, text, 'latin1')
    } finally {
      if (file.uses < minUses) close(file)
    }
    this.#forgetIdle(at)
  }

  close(): void {
    for (const file of this.#files.values()) close(file)
    this.#files.clear()
  }

  #descriptor(path: string, file: Kept, at: number): number {
    if (file.fd !== null && at - file.seen >= this.#terms.valid) {
      if (!isStillAt(path, file.identity)) close(file)
      file.seen = at
    }
    if (file.fd === null) {
      file.fd = openLog(path)
      file.identity = identityOf(fstatSync(file.fd))
      file.seen = at
    }
    return file.fd
  }

  #forgetFirst(): void {
    for (const [path, file] of this.#files) {
      close(file)
      this.#files.delete(path)
      return
    }
  }

  #forgetIdle(at: number): void {
    let left = FORGOTTEN_AT_ONCE
    for (const { used } of this.#files.values()) {
      if (left-- === 0 || at - used <= this.#terms.inactive) return
      this.#forgetFirst()
    }
  }
}

/** Writes lines to the file of that name, which is open for as long as that takes. @throws what the system says against it */
export function appendTo(path: string, text: string): void {
  const fd = openLog(path)
  try {
    appendFileSync(fd, text, 'latin1')
  } finally {
    closeSync(fd)
  }
}

function openLog(path: string): number {
  return openSync(Buffer.from(path, 'latin1'), APPEND, MODE)
}

function close(file: Kept): void {
  if (file.fd !== null) closeSync(file.fd)
  file.fd = null
}

// Where that cannot be told, opening it anew will say why.
function isStillAt(path: string, identity: string): boolean {
  try {
    return identity === identityOf(statSync(Buffer.from(path, 'latin1')))
  } catch {
    return false
  }
}

function identityOf({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev}:${ino}`
}
