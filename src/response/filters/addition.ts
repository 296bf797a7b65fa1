// What other places of the site say, put before and after a body (ngx_http_addition_module). Decides where, and owns the
// order: what was there first waits in a spool, so that no worker waits for another one's answer. Asks through the visit.

import type { BodyTaker, Fetcher } from '../../fetcher.ts'
import type { AnswerHead } from '../../outcome.ts'
import type { Visit } from '../../visit.ts'
import { type BodyFilter, NOBODY } from '../body-filter.ts'
import { type ContentType, isAmong } from './content-type.ts'
import { forgetRanges, weakenTag } from './entity-tag.ts'
import { WaitingBody } from './waiting-body.ts'

/** Decides, and changes the head: the filter is made where there is a body to filter. */
export function addition(visit: Visit, head: AnswerHead, type: ContentType): (() => BodyFilter) | null {
  const { addBefore, addAfter, additionTypes } = visit.settings
  const { fetcher } = visit
  if ((addBefore === '' && addAfter === '') || head.status !== 200 || fetcher === null) return null
  if (visit.parent !== null) return null
  if (!isAmong(type, additionTypes)) return null
  head.length = null
  forgetRanges(head)
  weakenTag(head)
  return () => new Addition(visit, fetcher, addBefore, addAfter)
}

type Stage = 'new' | 'before' | 'body' | 'after' | 'over'

class Addition implements BodyFilter {
  onData = NOBODY.onData
  onEnd = NOBODY.onEnd
  onRoom = NOBODY.onRoom
  onError = NOBODY.onError
  readonly #visit: Visit
  readonly #fetcher: Fetcher
  readonly #before: string
  readonly #after: string
  #stage: Stage = 'new'
  /** What came of the body while something else was going out, and how far it has gone out since. */
  readonly #waiting: WaitingBody
  #fetched: ReturnType<Fetcher['fetch']> | null = null
  #whole = false
  /** Whoever writes was told to wait. */
  #owesRoom = false

  constructor(visit: Visit, fetcher: Fetcher, before: string, after: string) {
    this.#visit = visit
    this.#fetcher = fetcher
    this.#before = before
    this.#after = after
    this.#waiting = new WaitingBody(
      fetcher,
      () => this.#giveRoom(),
      detail => {
        this.destroy()
        this.onError(detail)
      },
    )
  }

  write(piece: Buffer): boolean {
    if (this.#stage === 'over') return true
    this.#begin()
    const straight = this.#stage === 'body' && this.#waiting.isEmpty
    const room = straight ? this.onData(piece) : this.#waiting.keep(piece)
    if (!room) this.#owesRoom = true
    return room
  }

  flush(): void {}

  end(): void {
    if (this.#stage === 'over') return
    this.#whole = true
    this.#begin()
    this.#goOn()
  }

  resume(): void {
    if (this.#stage === 'before' || this.#stage === 'after') this.#fetched?.resume()
    else this.#goOn()
  }

  destroy(): void {
    this.#stage = 'over'
    this.#fetched?.destroy()
    this.#fetched = null
    this.#waiting.forget()
  }

  #begin(): void {
    if (this.#stage !== 'new') return
    this.#stage = this.#before === '' ? 'body' : 'before'
    if (this.#before !== '') this.#fetch(this.#before, () => this.#goOn())
  }

  #fetch(uri: string, then: () => void): void {
    const taker: BodyTaker = {
      data: piece => this.onData(piece),
      end: problem => {
        this.#fetched = null
        if (problem !== null) {
          this.destroy()
          this.onError(`"${uri}" could not be added: ${problem}`)
          return
        }
        this.#stage = this.#stage === 'before' ? 'body' : 'over'
        then()
      },
    }
    this.#fetched = this.#fetcher.fetch(this.#visit, { uri, args: null }, taker)
  }

  // What waits, and then what follows the body.
  readonly #goOn = (): void => {
    while (this.#stage === 'body' && !this.#waiting.isEmpty) {
      const piece = this.#waiting.next(this.#goOn)
      if (piece !== null && !this.onData(piece)) return
      // Not here yet.
      if (piece === null && !this.#waiting.isEmpty) return
    }
    if (this.#stage !== 'body') return
    this.#giveRoom()
    if (!this.#whole) return
    this.#stage = this.#after === '' ? 'over' : 'after'
    if (this.#after === '') this.onEnd()
    else this.#fetch(this.#after, () => this.onEnd())
  }

  #giveRoom(): void {
    if (!this.#owesRoom) return
    this.#owesRoom = false
    this.onRoom()
  }
}
