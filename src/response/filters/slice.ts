// An answer that is made of parts: its head is that of the whole, and behind the first part come the others, each asked
// for when the one before has gone out (ngx_http_slice_filter). Asks through the visit.

import type { BodyTaker, Fetcher, SliceFetched } from '../../fetcher.ts'
import type { AnswerHead } from '../../outcome.ts'
import { readSlice, type Sliced } from '../../slice.ts'
import type { Visit } from '../../visit.ts'
import { type BodyFilter, NOBODY } from '../body-filter.ts'

/**
 * Turns the head of a first part into that of the whole, and looks at those of the others; to be called before anything
 * else is done with it.
 * @returns what is wrong with it, in nginx's words; null: nothing
 */
export function joinSlices(visit: Visit, head: AnswerHead): string | null {
  const { slice, parent } = visit
  if (slice === null || !head.passedOn) return null
  if (head.status !== 206) {
    if (parent !== null) return `unexpected status code ${head.status} in slice response`
    // The app knows of no parts: what it gives is all of it.
    visit.slice = null
    return null
  }
  const etag = head.headers.get('etag')
  const read = readSlice(head, slice)
  if (typeof read === 'string') return read
  if (parent !== null) return parent.sliced?.etag === etag ? null : 'etag mismatch in slice response'
  const { start, size } = slice
  visit.sliced = { start, size, ...read, etag, from: 0, to: read.whole }
  head.status = 200
  head.reason = ''
  head.length = read.whole
  head.rangeable = true
  for (const name of ['content-range', 'accept-ranges']) head.headers.delete(name)
  // Its parts are cut here, and not where files are.
  if (head.cache === 'kept') head.cache = 'filling'
  return null
}

/** What brings the others; null: there are none. To be asked when it is known which part the client wants. */
export function otherSlices(visit: Visit): (() => BodyFilter) | null {
  const { sliced, fetcher } = visit
  const fetch = fetcher?.slice?.bind(fetcher)
  return sliced === null || fetch === undefined ? null : () => new Slices(visit, fetch, sliced)
}

class Slices implements BodyFilter {
  onData = NOBODY.onData
  onEnd = NOBODY.onEnd
  onRoom = NOBODY.onRoom
  onError = NOBODY.onError
  readonly #visit: Visit
  readonly #fetch: NonNullable<Fetcher['slice']>
  readonly #sliced: Sliced
  /** Of the byte that comes next, and where its slice ends. */
  #at: number
  #end: number
  #fetched: SliceFetched | null = null
  #owesRoom = false
  #over = false

  constructor(visit: Visit, fetch: NonNullable<Fetcher['slice']>, sliced: Sliced) {
    this.#visit = visit
    this.#fetch = fetch
    this.#sliced = sliced
    this.#at = sliced.start
    this.#end = sliced.end
  }

  write(piece: Buffer): boolean {
    if (this.#over) return true
    const room = this.#give(piece)
    if (!room) this.#owesRoom = true
    return room
  }

  #give(piece: Buffer): boolean {
    const { from, to } = this.#sliced
    const at = this.#at
    this.#at += piece.length
    if (this.#at > this.#end) {
      this.#fail(`a slice goes on beyond ${this.#end}`)
      return true
    }
    const part = piece.subarray(Math.max(0, from - at), Math.max(0, to - at))
    return part.length === 0 || this.onData(part)
  }

  flush(): void {}

  end(): void {
    if (this.#over) return
    if (this.#at !== this.#end) this.#fail(`a slice ended at ${this.#at} in place of ${this.#end}`)
    else this.#next()
  }

  #next(): void {
    const { size, whole, from, to } = this.#sliced
    // What lies before the part that is asked for is passed over.
    const start = this.#end + size <= from ? from - (from % size) : this.#end
    if (start >= to) {
      this.#over = true
      this.onEnd()
      return
    }
    this.#at = start
    this.#end = Math.min(start + size, whole)
    const taker: BodyTaker = {
      data: piece => this.#give(piece),
      end: problem => {
        this.#fetched = null
        if (problem !== null) this.#fail(problem)
        else this.end()
      },
    }
    this.#fetched = this.#fetch(this.#visit, start, taker)
  }

  #fail(problem: string): void {
    this.destroy()
    this.onError(problem)
  }

  resume(): void {
    if (this.#fetched !== null) this.#fetched.resume()
    else if (this.#owesRoom) {
      this.#owesRoom = false
      this.onRoom()
    }
  }

  destroy(): void {
    this.#over = true
    this.#fetched?.destroy()
    this.#fetched = null
  }
}
