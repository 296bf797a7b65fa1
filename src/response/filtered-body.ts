// An answer's body on its way to the client through what changes it: joins a filter to the delivery. Knows neither the
// worker nor the request.

import type { BodyFilter } from './body-filter.ts'
import type { Delivery } from './delivery.ts'

/** Who is told what the delivery is not. */
export interface FilteredBodyOwner {
  /** All of it has gone to the delivery. */
  filtered(): void
  /** The filter has room again. */
  goOn(): void
  /** The body cannot be told to its end. */
  filterFailed(detail: string): void
}

export class FilteredBody {
  readonly #filter: BodyFilter
  readonly #delivery: Delivery
  /** The filter is given a piece that the worker sent, and gives on what comes of it at once. */
  #prompt = false
  #ended = false

  constructor(filter: BodyFilter, delivery: Delivery, owner: FilteredBodyOwner) {
    this.#filter = filter
    this.#delivery = delivery
    filter.onData = piece => {
      delivery.data(piece)
      // What comes of the worker's own piece goes out with that, at its flush.
      if (!this.#prompt) delivery.flush()
      return delivery.room
    }
    filter.onEnd = () => {
      this.#ended = true
      owner.filtered()
    }
    filter.onRoom = () => owner.goOn()
    filter.onError = detail => owner.filterFailed(detail)
  }

  /** A piece that the worker sent. Returns false: the worker is to wait. */
  write(piece: Buffer): boolean {
    this.#prompt = true
    // A view: the filter looks at it again when it has given it on, so that nobody may have it (socket/lent.ts).
    const room = this.#filter.write(piece.subarray())
    this.#prompt = false
    return room
  }

  end(): void {
    this.#filter.end()
    // Something is still to come: by then the worker's memory holds other bytes than those that wait to go out.
    if (!this.#ended) this.#delivery.flush()
  }

  /** Nothing more comes for now. What is compressed is the larger for it: only where somebody waits for each piece. */
  flush(): void {
    if (!this.#delivery.buffering) this.#filter.flush()
  }

  /** The delivery has room again. */
  resume(): void {
    this.#filter.resume()
  }

  destroy(): void {
    this.#filter.destroy()
  }
}
