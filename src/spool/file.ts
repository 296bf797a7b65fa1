// One nameless file of one spool: opened at the first write, closed when its last operation is over. Every
// call is asynchronous and ends in exactly one callback. Knows no budget; the spool decides what goes where.

import type { SpoolFolder } from './folder.ts'

type Done = (error: NodeJS.ErrnoException | null, bytes: number) => void

export class SpoolFile {
  readonly #folder: SpoolFolder
  #fd = -1
  #running = 0
  #closed: (() => void) | null = null

  constructor(folder: SpoolFolder) {
    this.#folder = folder
  }

  /** Writes `chunks` at `offset` (bytes); `done` gets how many bytes were written, perhaps fewer than given. */
  write(chunks: Buffer[], offset: number, done: Done): void {
    this.#begin(() => {
      if (this.#fd !== -1) {
        this.#folder.fs.writev(this.#fd, chunks, offset, (error, bytes) => this.#end(done, error, bytes))
        return
      }
      this.#folder.open((error, fd) => {
        if (error !== null) return this.#end(done, error, 0)
        this.#fd = fd
        if (this.#closed !== null) return this.#end(done, null, 0)
        this.#folder.fs.writev(fd, chunks, offset, (failed, bytes) => this.#end(done, failed, bytes))
      })
    })
  }

  /** Fills `buffer` from `offset` (bytes); `done` gets how many bytes were read, perhaps fewer than asked. */
  read(buffer: Buffer, offset: number, done: Done): void {
    this.#begin(() =>
      this.#folder.fs.read(this.#fd, buffer, 0, buffer.length, offset, (error, bytes) =>
        this.#end(done, error, bytes),
      ),
    )
  }

  /** Empties the file; the space goes back to the disk. */
  truncate(done: Done): void {
    this.#begin(() => this.#folder.fs.ftruncate(this.#fd, 0, error => this.#end(done, error, 0)))
  }

  /** Closes the file once nothing runs on it, and then calls `done`. To be called once, and last. */
  close(done: () => void): void {
    this.#closed = done
    if (this.#running === 0) this.#shut()
  }

  #begin(operation: () => void): void {
    this.#running++
    this.#folder.run(operation)
  }

  #end(done: Done, error: NodeJS.ErrnoException | null, bytes: number): void {
    this.#running--
    this.#folder.finished()
    done(error, bytes)
    if (this.#running === 0 && this.#closed !== null) this.#shut()
  }

  #shut(): void {
    const closed = this.#closed!
    this.#running++ // `done` may have called close(): it must not be done twice.
    if (this.#fd === -1) closed()
    else {
      this.#folder.run(() =>
        this.#folder.fs.close(this.#fd, () => {
          this.#folder.finished()
          closed()
        }),
      )
    }
  }
}
