// What a phase of a site comes to (on, an answer, a status, a redirect, a jump), and answers that are made here. Every room
// of the site speaks in it; it goes nowhere itself.

import type { HeaderList } from './http1/headers.ts'

/** The head of an answer while it is made; filters change it before it is written. */
export interface AnswerHead {
  status: number
  reason: string
  readonly headers: HeaderList
  /** Bytes of the body; null: not known. */
  length: number | null
  /** Milliseconds since 1970; null: not known. */
  lastModified: number | null
  /** Its bytes may be asked for by ranges. */
  rangeable: boolean
  /** It came from an upstream. */
  passedOn: boolean
  /** Its type is one that an app gave, also where the answer itself is made here. */
  appsType?: boolean
  /** Its type is what it is, whatever an app said that led here. */
  ownType?: boolean
  /** What the app asked for by `X-Accel-Charset`; absent: nothing. */
  charset?: string
  /** It comes from a cache (`kept`), or is on its way into one: the app was not told what the client has already. */
  cache?: 'kept' | 'filling'
  /** Fields will follow its body, which goes out in chunks for their sake, whatever its length. */
  trailing?: boolean
}

/** An answer that is made here: a file, a text, an error page. Closed by exhausting or returning its iterator. */
export interface LocalAnswer {
  readonly head: AnswerHead
  readonly body: Buffer | AsyncIterable<Buffer> | null
}

/** Nobody wants the body: what it holds is given back. */
export async function letGo({ body }: Pick<LocalAnswer, 'body'>): Promise<void> {
  if (body !== null && !Buffer.isBuffer(body)) await body[Symbol.asyncIterator]().return?.()
}

/** What a phase comes to. */
export type Outcome =
  /** The next phase goes on. */
  | { readonly kind: 'next' }
  | { readonly kind: 'answer'; readonly answer: LocalAnswer }
  /** An answer of this status, from `error_page` or our own; `fields` go with it whichever it is. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly fields?: readonly (readonly [name: string, value: string])[]
      /** For the error log at this level; absent: nothing to say. */
      readonly detail?: string
    }
  /** A redirect by the client: `location` may be a path, which is made absolute. */
  | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
  /** Again from the choice of a location, with this URI; `args` null: as they are. */
  | { readonly kind: 'jump'; readonly uri: string; readonly args: string | null }
  /** To a named location, with the URI as it is. */
  | { readonly kind: 'named'; readonly name: string }
  /** The connection is closed without an answer; `status` is what the log says, 444 where it is absent. */
  | { readonly kind: 'close'; readonly status?: number }

/** Codes of `return` that nginx takes for a connection to be closed. */
export const UNANSWERED: ReadonlySet<number> = new Set([408, 444, 499])

export const NEXT: Outcome = { kind: 'next' }
