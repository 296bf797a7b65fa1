// An answer on its way into a cache, beside its way to the client. Whatever goes wrong with it, the client notices nothing.

import { threadId } from 'node:worker_threads'
import { FRESH, moved, opened, unlinked, written } from '../disk/calls.ts'
import { DiskFailure } from '../disk/failure.ts'
import { GrowingFile } from '../disk/growing-file.ts'
import { type CacheRecord, writeRecord } from './record.ts'
import type { CacheStore } from './store.ts'

let made = 0

export interface FillEnd {
  /** All of it has come, and is about to be there. */
  whole(): void
  /** It is there, of so many bytes. */
  stored(bytes: number): void
  /** It is not kept. */
  failed(): void
}

export class Fill extends GrowingFile {
  protected readonly draft: string
  protected readonly bodyStart: number
  readonly #store: CacheStore
  readonly #file: string
  readonly #folder: string
  readonly #record: CacheRecord
  readonly #end: FillEnd

  /** @param digest names the file that it becomes */
  constructor(store: CacheStore, digest: string, record: CacheRecord, end: FillEnd) {
    super()
    this.#store = store
    this.#record = record
    this.#end = end
    const { folder, file } = store.place(digest)
    this.#folder = folder
    this.#file = file
    this.draft = `${file}.${process.pid}.${threadId}.${++made}`
    this.bodyStart = writeRecord(record, 0).length
  }

  protected override isTooLarge(bytes: number): boolean {
    const { maxSize } = this.#store.config
    return maxSize !== null && bytes > maxSize
  }

  protected override open(): Promise<number | DiskFailure> {
    return this.#open(true)
  }

  async #open(again: boolean): Promise<number | DiskFailure> {
    const wrong = await this.#store.makeFolder(this.#folder)
    if (wrong !== null) return new DiskFailure('mkdir()', this.#folder, wrong)
    const descriptor = await opened(this.draft, FRESH, 0o600)
    if (typeof descriptor === 'number') return descriptor
    if (descriptor.code !== 'ENOENT' || !again) return new DiskFailure('open()', this.draft, descriptor)
    this.#store.forgetFolders()
    return this.#open(false)
  }

  protected override async finish(
    descriptor: number,
    rest: Buffer,
    before: number,
  ): Promise<DiskFailure | null> {
    const head = writeRecord(this.#record, before + rest.length)
    // Most answers are written by one call.
    const small = before === 0
    const lost = small ? null : await written(descriptor, rest, this.bodyStart + before)
    const error = lost ?? (await written(descriptor, small ? Buffer.concat([head, rest]) : head, 0))
    return error === null ? null : new DiskFailure('pwrite()', this.draft, error)
  }

  protected override async place(): Promise<DiskFailure | null> {
    const lost = await moved(this.draft, this.#file)
    return lost === null ? null : new DiskFailure('rename()', this.draft, lost)
  }

  protected override async sweep(): Promise<void> {
    await unlinked(this.draft)
  }

  protected override onWhole(): void {
    this.#end.whole()
  }

  protected override onStored(length: number): void {
    this.#end.stored(this.bodyStart + length)
  }

  protected override onFailed(): void {
    this.#end.failed()
  }

  protected override onTrouble({ code, text }: DiskFailure): void {
    const { path } = this.#store.config
    const what = code === 'ENOSPC' || code === 'EDQUOT' ? 'there is no room' : 'nothing can be written'
    this.#store.log.error('crit', text)
    this.#store.log.warn(`${what} in the cache "${path}": answers are given, and not kept (${code})`)
  }
}
