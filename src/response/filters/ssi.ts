// Server-side includes: a page whose commands are obeyed on its way out. Owns the order: while another page is awaited, what
// follows waits in a spool. Decides for which answers; what commands are and do stands in `ssi/`.

import type { BodyTaker, Fetcher } from '../../fetcher.ts'
import type { AnswerHead } from '../../outcome.ts'
import type { Visit } from '../../visit.ts'
import { type BodyFilter, NOBODY } from '../body-filter.ts'
import { type Deed, obey } from '../ssi/commands.ts'
import { LONGEST_TEXT, PageState } from '../ssi/page-state.ts'
import { type Found, TagReader } from '../ssi/tag-reader.ts'
import { type ContentType, isAmong } from './content-type.ts'
import { forgetRanges, weakenTag } from './entity-tag.ts'
import { WaitingBody } from './waiting-body.ts'

/** Pages that are included in one answer, at most, and one within the other (nginx: NGX_HTTP_MAX_SUBREQUESTS). */
const MOST_INCLUDES = 1_000
/** Characters of blocks that stand for includes, in all: a block may have the very include that it stands for. */
const MOST_STUBS = 1024 * 1024
const DEEPEST = 51
/** Bytes that go out at once, where they are there. */
const TOGETHER = 16 * 1024

/** Decides, and changes the head: the filter is made where there is a body to filter. */
export function includes(visit: Visit, head: AnswerHead, type: ContentType): (() => BodyFilter) | null {
  const { ssi, ssiTypes, ssiLastModified } = visit.settings
  const { fetcher } = visit
  if (!ssi || fetcher === null || head.length === 0 || !isAmong(type, ssiTypes)) return null
  head.length = null
  forgetRanges(head)
  if (ssiLastModified) weakenTag(head)
  else {
    head.lastModified = null
    head.headers.delete('last-modified')
    head.headers.delete('etag')
  }
  return () => new Includes(visit, fetcher)
}

class Includes implements BodyFilter {
  onData = NOBODY.onData
  onEnd = NOBODY.onEnd
  onRoom = NOBODY.onRoom
  onError = NOBODY.onError
  readonly #visit: Visit
  readonly #fetcher: Fetcher
  readonly #reader: TagReader
  readonly #state: PageState
  /** What came of the page while something else was going out. */
  readonly #waiting: WaitingBody
  #fetched: ReturnType<Fetcher['fetch']> | null = null
  #awaiting = false
  /** Whoever takes it has no room. */
  #full = false
  /** Whoever writes was told to wait. */
  #owesRoom = false
  #whole = false
  #over = false
  #going = false
  /** What is to go out together. */
  #out = ''

  constructor(visit: Visit, fetcher: Fetcher) {
    this.#visit = visit
    this.#fetcher = fetcher
    this.#reader = new TagReader(visit.settings.ssiValueLength)
    this.#state = new PageState(visit)
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
    if (this.#over) return true
    if (!this.#waiting.isEmpty || this.#awaiting || this.#full) {
      if (!this.#waiting.keep(piece)) this.#owesRoom = true
    } else {
      this.#reader.add(piece.toString('latin1'))
      this.#goOn()
      if (this.#awaiting || this.#full) this.#owesRoom = true
    }
    return !this.#owesRoom
  }

  flush(): void {}

  end(): void {
    this.#whole = true
    this.#goOn()
  }

  resume(): void {
    this.#full = false
    if (this.#awaiting) this.#fetched?.resume()
    else this.#goOn()
  }

  destroy(): void {
    this.#over = true
    this.#fetched?.destroy()
    this.#fetched = null
    this.#waiting.forget()
  }

  // What is here of the page, then what waits of it, then its end.
  readonly #goOn = (): void => {
    // What goes out may have room asked for at once.
    if (this.#going) return
    this.#going = true
    while (!this.#over && !this.#full && !this.#awaiting) {
      const found = this.#reader.next()
      if (found !== null) this.#act(found)
      else if (!this.#more()) break
    }
    this.#going = false
    if (!this.#over) this.#release()
  }

  // False: whoever takes it has no room for more.
  #release(): boolean {
    const text = this.#out
    this.#out = ''
    if (text !== '' && !this.onData(Buffer.from(text, 'latin1'))) this.#full = true
    return !this.#full
  }

  // False: nothing more can be done for now.
  #more(): boolean {
    if (!this.#waiting.isEmpty) {
      const piece = this.#waiting.next(this.#goOn)
      if (piece !== null) this.#reader.add(piece.toString('latin1'))
      return piece !== null || this.#waiting.isEmpty
    }
    if (!this.#whole) {
      this.#giveRoom()
      return false
    }
    if (this.#reader.end()) return true
    if (!this.#release()) return false
    this.#over = true
    this.onEnd()
    return false
  }

  #act(found: Found): void {
    const state = this.#state
    if (found.kind === 'text') {
      if (state.block !== null) {
        if (!state.addToBlock(found.text)) this.#complain(`too long block "${state.block}"`)
      } else if (state.output) this.#give(found.text)
    } else if (found.kind === 'malformed') {
      this.#complain(found.problem)
      this.#fail()
    } else this.#do(obey(state, found, problem => this.#complain(problem)))
  }

  #do(deed: Deed): void {
    if (deed.kind === 'text') this.#give(deed.text)
    else if (deed.kind === 'failed') this.#fail()
    else this.#include(deed)
  }

  #complain(problem: string): void {
    this.#visit.site.logs.error('error', problem, this.#visit)
  }

  #fail(): void {
    if (!this.#visit.settings.ssiSilentErrors) this.#give(this.#state.errorText)
  }

  #give(text: string): void {
    this.#out += text
    if (this.#out.length >= TOGETHER) this.#release()
  }

  #include({ uri, args, set, stub }: Extract<Deed, { kind: 'include' }>): void {
    const { shared } = this.#state
    if (depthOf(this.#visit) >= DEEPEST || ++shared.includes > MOST_INCLUDES) {
      this.#complain(`subrequests cycle while processing "${uri}"`)
      this.#fail()
      return
    }
    const kept = set === null ? null : new Kept()
    let given = false
    const wanted = () => stub === null || (this.#fetched?.status() ?? 0) < 300
    const taker: BodyTaker = {
      data: piece => {
        if (kept !== null) return kept.add(piece)
        if (!wanted()) return true
        given ||= piece.length > 0
        this.#full = !this.onData(piece)
        return !this.#full
      },
      end: problem => {
        const status = this.#fetched?.status() ?? 0
        this.#fetched = null
        this.#awaiting = false
        if (problem !== null) this.#complain(`"${uri}" could not be included: ${problem}`)
        if (kept !== null && status < 300 && !kept.tooLong) this.#state.set(set!, kept.text)
        else if (kept?.tooLong === true) this.#complain(`too big answer of "${uri}" for a variable`)
        if (stub !== null && !given) this.#standIn(stub)
        this.#goOn()
      },
    }
    this.#awaiting = true
    this.#release()
    this.#fetched = this.#fetcher.fetch(this.#visit, { uri, args }, taker)
  }

  #standIn(stub: string): void {
    const { shared } = this.#state
    const text = shared.blocks.get(stub) ?? ''
    shared.stubs += text.length
    if (shared.stubs <= MOST_STUBS) this.#reader.insert(text)
    else this.#complain(`too many blocks in place of includes, "${stub}" is left out`)
  }

  #giveRoom(): void {
    if (!this.#owesRoom) return
    this.#owesRoom = false
    this.onRoom()
  }
}

/** What a variable is to have, as far as it may. */
class Kept {
  text = ''
  tooLong = false

  add(piece: Buffer): boolean {
    this.tooLong ||= this.text.length + piece.length > LONGEST_TEXT
    if (!this.tooLong) this.text += piece.toString('latin1')
    return true
  }
}

function depthOf({ parent }: Visit): number {
  return parent === null ? 0 : 1 + depthOf(parent)
}
