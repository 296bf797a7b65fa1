// Asks upstreams whether they are there where no request does: the kernel's table on this machine, a whole request
// elsewhere, which takes a slot. There are no empty connections, ever: a sync worker would sit in `recv()` on one until its
// timeout. What is found out goes to the upstream itself.

import { isListening } from '../kernel/listeners.ts'
import { answers, type ProbeTerms } from './probe.ts'
import type { Endpoint, Upstream } from './upstream.ts'

export interface ProberOptions {
  /** For one that is down, in milliseconds. */
  readonly connectTimeout: number
  /** For a worker that is asked whether it is well, in milliseconds. */
  readonly probeTimeout: number
  /** A path to ask for when nobody else asks. */
  readonly probePath: string
  /** What an upstream that is asked is spoken to by; absent or null: HTTP, in the clear. */
  probeTerms?(): Promise<ProbeTerms | null>
  /** Takes a slot of this upstream for a probe; null when none is free. */
  takeSlot(upstream: Upstream): { release(): void } | null
}

/** How often an upstream that is down, and that nobody waits for, is asked. */
const ASK_EVERY_MS = 1_000

export class Prober {
  readonly #options: ProberOptions
  #askedAt = 0
  #asking = false
  #stopped = false

  constructor(options: ProberOptions) {
    this.#options = options
  }

  /** What is under way comes to nothing. */
  stop(): void {
    this.#stopped = true
  }

  /** Whether those of them that are down are to be asked now. @param at milliseconds, on the monotonic clock */
  isDue(upstreams: readonly Upstream[], at: number): boolean {
    return at - this.#askedAt >= ASK_EVERY_MS && !this.#asking && upstreams.some(isAway)
  }

  /** Asks those that are down, one after the other. @param upstreams may change meanwhile */
  async ask(upstreams: readonly Upstream[], at: number): Promise<void> {
    this.#askedAt = at
    this.#asking = true
    for (const upstream of upstreams) if (isAway(upstream)) await this.#ask(upstream)
    this.#asking = false
  }

  async #ask(upstream: Upstream): Promise<void> {
    const { endpoint } = upstream
    if (endpoint === null) return
    const listening = await isListening(endpoint)
    if (this.#stopped || upstream.isUp) return
    if (listening !== null) {
      if (listening) upstream.connected()
      return
    }
    const slot = this.#options.takeSlot(upstream)
    if (slot === null) return
    const up = await this.#answers(upstream, endpoint, this.#options.connectTimeout)
    if (up) upstream.connected()
    else upstream.refused(upstream.detail)
    slot.release()
  }

  // Certificates may be gone by now: who cannot be asked does not answer.
  async #answers({ name }: Upstream, endpoint: Endpoint, timeout: number): Promise<boolean> {
    const { probePath, probeTerms } = this.#options
    try {
      const terms = probeTerms === undefined ? null : await probeTerms()
      return await answers(endpoint, probePath, name, timeout, terms)
    } catch {
      return false
    }
  }

  /** Asks a worker of the first that has one free: whether anything of its protocol came back; null: none was free. */
  async asksWorker(upstreams: readonly Upstream[]): Promise<boolean | null> {
    for (const upstream of upstreams) {
      const { endpoint, isUp } = upstream
      const slot = isUp && endpoint !== null ? this.#options.takeSlot(upstream) : null
      if (slot === null) continue
      try {
        return await this.#answers(upstream, endpoint!, this.#options.probeTimeout)
      } finally {
        slot.release()
      }
    }
    return null
  }

  /** At the start: one that is on this machine and does not listen is down from the beginning. */
  async lookForListener(upstream: Upstream): Promise<void> {
    const { endpoint } = upstream
    if (endpoint === null || upstream.membership.withdrawn) return
    if ((await isListening(endpoint)) !== false || this.#stopped) return
    const detail = 'path' in endpoint ? `ENOENT ${endpoint.path}` : `ECONNREFUSED ${upstream.where}`
    upstream.refused(`${detail} (nobody listens there)`)
  }
}

/** Down, and wanted back. */
function isAway({ isUp, membership }: Upstream): boolean {
  return !isUp && !membership.withdrawn
}
