// The stream behind the live page: server-sent events, one a second to all who look, and nothing at all while nobody
// does (WHATWG HTML, §9.2). Owns the lookers; knows no status but as something to send.

import type { ServerResponse } from 'node:http'

export interface LiveSource {
  status(): object | Promise<object>
  /** The seconds that have passed, the oldest first. */
  history(): readonly object[]
}

const EVERY_MS = 1_000
/** More people than look at one proxy; each costs a status a second. */
const LOOKERS = 16
/** A looker that does not read is let go before it costs memory. */
const UNREAD = 4 * 2 ** 20

export class Live {
  readonly #source: LiveSource
  readonly #lookers = new Set<ServerResponse>()
  #timer: NodeJS.Timeout | null = null
  #asking = false

  constructor(source: LiveSource) {
    this.#source = source
  }

  get isFull(): boolean {
    return this.#lookers.size >= LOOKERS
  }

  get looking(): number {
    return this.#lookers.size
  }

  /** Whether it asks for a status every second. */
  get running(): boolean {
    return this.#timer !== null
  }

  /** Streams to this response until either side ends it. */
  add(response: ServerResponse): void {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    })
    response.write(event('history', this.#source.history()))
    this.#lookers.add(response)
    response.on('close', () => this.#remove(response))
    this.#timer ??= setInterval(() => void this.#tell(), EVERY_MS)
    void this.#tell()
  }

  close(): void {
    for (const looker of this.#lookers) looker.end()
    this.#stop()
  }

  async #tell(): Promise<void> {
    // One at a time: a slow answer must not pile up others behind it.
    if (this.#asking) return
    this.#asking = true
    try {
      const sample = this.#source.history().at(-1) ?? null
      const text = event('status', { status: await this.#source.status(), sample })
      for (const looker of this.#lookers) {
        if (looker.writableLength > UNREAD) looker.destroy()
        else looker.write(text)
      }
    } catch {
      // The parts are being taken down; the page says by itself that it hears nothing.
    } finally {
      this.#asking = false
    }
  }

  #remove(looker: ServerResponse): void {
    this.#lookers.delete(looker)
    if (this.#lookers.size === 0) this.#stop()
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }
}

// JSON has no line ends of its own, so one data line is enough.
function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
