// An app's answer on its way to a file of the site, for others to be served from there (ngx_http_upstream_store,
// ngx_ext_rename_file). It has its name once it is whole; what goes wrong is for the error log, and the client notices
// nothing. Does not decide what is stored, or where.

import { fchmod, futimes, mkdir, rmdir } from 'node:fs'
import { bytesOf, done, FRESH, moved, opened, unlinked, written } from '../disk/calls.ts'
import { searchable } from '../disk/changes.ts'
import { draftName, sweepDrafts } from '../disk/drafts.ts'
import { DiskFailure } from '../disk/failure.ts'
import { GrowingFile } from '../disk/growing-file.ts'
import { announce } from '../disk/placing.ts'

export interface StoredTerms {
  /** Its mode; folders that are made for it may be searched by whoever may read it. */
  readonly mode: number
  /** When it was changed, in seconds since 1970; null: now. */
  readonly changed: number | null
  /** What went wrong, in nginx's words. */
  readonly failed: (message: string) => void
}

export class StoredFile extends GrowingFile {
  protected readonly draft: string
  protected readonly bodyStart = 0
  readonly #path: string
  readonly #folder: string
  readonly #terms: StoredTerms
  /** Folders that were made for it, the outermost first. */
  readonly #made: string[] = []
  #placed: (() => void) | null = null

  /** @param path one character a byte, without a NUL */
  constructor(path: string, terms: StoredTerms) {
    super()
    this.#path = path
    this.#terms = terms
    this.#folder = around(path)
    this.draft = this.#folder + draftName()
  }

  protected override isTooLarge(): boolean {
    return false
  }

  protected override async open(): Promise<number | DiskFailure> {
    let descriptor = await opened(this.draft, FRESH, 0o600)
    let error: NodeJS.ErrnoException | null = null
    if (typeof descriptor !== 'number' && descriptor.code === 'ENOENT') {
      error = await this.#makeFolder(this.#folder)
      if (error === null) descriptor = await opened(this.draft, FRESH, 0o600)
    }
    if (typeof descriptor === 'number') {
      void sweepDrafts(this.#folder)
      return descriptor
    }
    await this.#removeMade()
    if (error !== null) return new DiskFailure('mkdir()', this.#path, error)
    return new DiskFailure('open()', this.draft, descriptor)
  }

  // Level by level, those that are not there (ngx_create_full_path).
  async #makeFolder(folder: string): Promise<NodeJS.ErrnoException | null> {
    const make = () => done(callback => mkdir(bytesOf(folder), searchable(this.#terms.mode), callback))
    let error = await make()
    if (error?.code === 'ENOENT' && around(folder) !== '') {
      const wrong = await this.#makeFolder(around(folder))
      if (wrong !== null) return wrong
      error = await make()
    }
    if (error === null) this.#made.push(folder)
    return error?.code === 'EEXIST' ? null : error
  }

  protected override async finish(descriptor: number, rest: Buffer, before: number) {
    const { mode, changed } = this.#terms
    const unwritten = await written(descriptor, rest, before)
    if (unwritten !== null) return new DiskFailure('pwrite()', this.draft, unwritten)
    const unchanged = await done(callback => fchmod(descriptor, mode, callback))
    if (unchanged !== null) return new DiskFailure('chmod()', this.draft, unchanged)
    if (changed === null) return null
    const undated = await done(callback => futimes(descriptor, Date.now() / 1000, changed, callback))
    return undated === null ? null : new DiskFailure('futimes()', this.draft, undated)
  }

  protected override async place(): Promise<DiskFailure | null> {
    const lost = await moved(this.draft, this.#path)
    return lost === null ? null : new DiskFailure('rename()', `${this.draft}" to "${this.#path}`, lost)
  }

  protected override async sweep(): Promise<void> {
    await unlinked(this.draft)
    await this.#removeMade()
  }

  // One that somebody else has put something into stays.
  async #removeMade(): Promise<void> {
    for (const folder of this.#made.reverse()) await done(callback => rmdir(bytesOf(folder), callback))
  }

  protected override onWhole(): void {
    this.#placed = announce(this.#path)
  }

  protected override onStored(): void {
    this.#placed?.()
  }

  protected override onFailed(): void {
    this.#placed?.()
  }

  protected override onTrouble({ text }: DiskFailure): void {
    this.#terms.failed(text)
  }
}

/** The folder of what a path names, a slash at the path's end left out; empty: none is named. */
function around(path: string): string {
  return path.slice(0, path.lastIndexOf('/', path.length - 2) + 1)
}
