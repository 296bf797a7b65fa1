// The lines of upstreams that go away and come back: one for each transition, however often it is told. Owns which ones
// are down; judges nothing.

import type { Logger } from 'pino'
import { inWords } from './clock.ts'
import { clip, LONGEST } from './quote.ts'

export class Transitions {
  readonly #log: Pick<Logger, 'info' | 'warn'>
  readonly #hold: number | undefined
  readonly #down = new Set<string>()

  /** @param hold how long requests are held, in milliseconds; only for the words */
  constructor(log: Pick<Logger, 'info' | 'warn'>, hold: number | undefined) {
    this.#log = log
    this.#hold = hold
  }

  /** @param willHold whether requests wait for it, or are refused */
  down(name: string, detail: string, willHold: boolean): void {
    if (this.#down.has(name)) return
    this.#down.add(name)
    const hold = this.#hold === undefined ? '' : ` for up to ${inWords(this.#hold)}`
    const then = willHold ? `holding requests${hold}` : 'refusing requests'
    this.#log.warn({ upstream: name, detail: `${clip(detail, LONGEST.detail)}; ${then}` }, 'upstream down')
  }

  /** @param downForMs milliseconds */
  up(name: string, downForMs: number): void {
    if (!this.#down.delete(name)) return
    const detail = `was down for ${inWords(downForMs)}`
    this.#log.info({ upstream: name, down_ms: Math.round(downForMs), detail }, 'upstream up')
  }
}
