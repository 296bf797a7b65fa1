// How filters that put together what several places of a site say ask for the others' bodies. Types only.

import type { Spool } from './spool/spool.ts'
import type { Visit } from './visit.ts'

/** Takes the body of another place's answer. */
export interface BodyTaker {
  /** A piece, which may change after the call. False: the next one comes after `resume`. */
  data(piece: Buffer): boolean
  /** All of it has come; or what went wrong, and nothing more will. */
  end(problem: string | null): void
}

/** A part on its way. */
export interface SliceFetched {
  resume(): void
  destroy(): void
}

/** Whoever serves a visit, for filters that put together what several places say. */
export interface Fetcher {
  /** Asks a place of the site for what it would answer this visit's client, its body only. */
  fetch(
    visit: Visit,
    to: { readonly uri: string; readonly args: string | null },
    taker: BodyTaker,
  ): {
    resume(): void
    destroy(): void
    /** Of the answer whose body it is; 0: it is not known yet. */
    status(): number
  }
  /** Asks the visit's own place for another part of what it answers; absent: that comes as a whole. */
  slice?(visit: Visit, start: number, taker: BodyTaker): SliceFetched
  /** For what must wait meanwhile. */
  openSpool(): Spool
}
