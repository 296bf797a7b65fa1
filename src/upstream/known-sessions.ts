// TLS sessions with upstreams, so that the next connection to the same one takes the last session up again
// (`proxy_ssl_session_reuse`). Each thread has its own. What a session is still good for, both ends of it judge.

/** Of one context; requests may name any number of upstreams. */
const MOST = 512

export class KnownSessions {
  readonly #known = new Map<string, Buffer>()

  get(whom: string): Buffer | undefined {
    return this.#known.get(whom)
  }

  forget(whom: string): void {
    this.#known.delete(whom)
  }

  keep(whom: string, session: Buffer): void {
    this.#known.delete(whom)
    this.#known.set(whom, session)
    if (this.#known.size > MOST) this.#known.delete(this.#known.keys().next().value!)
  }
}
