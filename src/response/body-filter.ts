// What changes a body on its way out: bytes in by calls, bytes out by callbacks, with room asked for on both sides. Owns
// how several are one; what each does stands in `filters/`.

export interface BodyFilter {
  /** Takes a piece, which may change after the call. Returns false: write no more until `onRoom`. */
  write(piece: Buffer): boolean
  /** Nothing more comes for now: what is kept back goes out, as far as the body's format lets it. */
  flush(): void
  /** The body is whole; `onEnd` follows, now or later. */
  end(): void
  /** Whoever takes it has room again, after `onData` returned false. */
  resume(): void
  /** Nobody wants the rest: nothing is called any more, and what was taken is given back. */
  destroy(): void

  /** A piece, which may change once this and the `write` or `flush` that it comes of have returned; false: wait. */
  onData: (piece: Buffer) => boolean
  /** The last call, unless it is `onError`. */
  onEnd: () => void
  onRoom: () => void
  /** The body cannot be told to its end. */
  onError: (detail: string) => void
}

/** Is told nothing yet; for those who are made before their takers. */
export const NOBODY: Pick<BodyFilter, 'onData' | 'onEnd' | 'onRoom' | 'onError'> = {
  onData: () => true,
  onEnd() {},
  onRoom() {},
  onError() {},
}

/** Several, in the order in which a piece goes through them, as one; null where there is none. */
export function chain(filters: readonly BodyFilter[]): BodyFilter | null {
  return filters.reduce<BodyFilter | null>(
    (before, next) => (before === null ? next : new Pair(before, next)),
    null,
  )
}

class Pair implements BodyFilter {
  onData = NOBODY.onData
  onEnd = NOBODY.onEnd
  onRoom = NOBODY.onRoom
  onError = NOBODY.onError
  readonly #first: BodyFilter
  readonly #second: BodyFilter

  constructor(first: BodyFilter, second: BodyFilter) {
    this.#first = first
    this.#second = second
    first.onData = piece => second.write(piece)
    first.onEnd = () => second.end()
    first.onRoom = () => this.onRoom()
    first.onError = detail => this.#fail(detail)
    second.onData = piece => this.onData(piece)
    second.onEnd = () => this.onEnd()
    second.onRoom = () => first.resume()
    second.onError = detail => this.#fail(detail)
  }

  write(piece: Buffer): boolean {
    return this.#first.write(piece)
  }

  flush(): void {
    this.#first.flush()
    this.#second.flush()
  }

  end(): void {
    this.#first.end()
  }

  resume(): void {
    this.#second.resume()
  }

  destroy(): void {
    this.#first.destroy()
    this.#second.destroy()
  }

  #fail(detail: string): void {
    this.destroy()
    this.onError(detail)
  }
}

/** One that is done with each piece before `write` returns; it says what becomes of it, and what is left at the end. */
export abstract class PromptFilter implements BodyFilter {
  onData = NOBODY.onData
  onEnd = NOBODY.onEnd
  onRoom = NOBODY.onRoom
  onError = NOBODY.onError
  #room = true
  #ended = false

  /** Gives what becomes of a piece to `give`. */
  protected abstract take(piece: Buffer): void
  /** The same at the end, for what was kept back. */
  protected finish(): void {}

  protected give(piece: Buffer): void {
    if (piece.length > 0 && !this.#ended) this.#room = this.onData(piece) && this.#room
  }

  write(piece: Buffer): boolean {
    if (!this.#ended) this.take(piece)
    return this.#room
  }

  flush(): void {}

  end(): void {
    if (this.#ended) return
    this.finish()
    this.#ended = true
    this.onEnd()
  }

  resume(): void {
    if (this.#room) return
    this.#room = true
    this.onRoom()
  }

  destroy(): void {
    this.#ended = true
  }
}
