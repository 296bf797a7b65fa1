// What of a body waits while something else goes out in front of it: kept in a spool, so that no worker waits for another
// one's answer, and given out again in its order. Decides not when.

import type { Fetcher } from '../../fetcher.ts'
import type { SpoolReader } from '../../spool/reader.ts'
import type { Spool } from '../../spool/spool.ts'

export class WaitingBody {
  readonly #fetcher: Pick<Fetcher, 'openSpool'>
  readonly #onRoom: () => void
  readonly #onError: (detail: string) => void
  #kept: { readonly spool: Spool; readonly reader: SpoolReader } | null = null

  /** @param onRoom told after `keep` returned false @param onError told once what waits cannot be had any more */
  constructor(fetcher: Pick<Fetcher, 'openSpool'>, onRoom: () => void, onError: (detail: string) => void) {
    this.#fetcher = fetcher
    this.#onRoom = onRoom
    this.#onError = onError
  }

  /** Nothing waits. */
  get isEmpty(): boolean {
    return this.#kept === null
  }

  /** A piece, which may change after the call. Returns false: no more until there is room. */
  keep(piece: Buffer): boolean {
    if (this.#kept === null) {
      const spool = this.#fetcher.openSpool()
      const reader = spool.reader()
      reader.onError = detail => this.#onError(`the spool failed: ${detail}`)
      spool.onRoom = this.#onRoom
      this.#kept = { spool, reader }
    }
    // A copy, as the spool keeps it.
    return this.#kept.spool.write(Buffer.from(piece))
  }

  /** The next of what waits; null: all of it has gone (`isEmpty`), or it is not here yet, and `then` is called once it is. */
  next(then: () => void): Buffer | null {
    if (this.#kept === null) return null
    const { spool, reader } = this.#kept
    if (reader.at === spool.size) {
      this.forget()
      return null
    }
    const piece = reader.read()
    if (piece === null) reader.onReadable = then
    return piece
  }

  /** Nobody wants it any more. */
  forget(): void {
    this.#kept?.reader.close()
    this.#kept?.spool.destroy()
    this.#kept = null
  }
}
