// A zone of `limit_conn`: how many requests of each key are under way (ngx_http_limit_conn_module). Knows no request.

/** What a key's entry takes in nginx's zone beside the key (64-bit), and the least that its allocator gives. */
const ENTRY_BYTES = 36
const LEAST_BYTES = 64

export class ConnectionZone {
  readonly name: string
  readonly #size: number
  #used = 0
  readonly #counts = new Map<string, number>()

  constructor(name: string, size: number) {
    this.name = name
    this.#size = size
  }

  get keys(): number {
    return this.#counts.size
  }

  /**
   * Counts one more.
   * @returns what gives it back, once; `many`: there are as many already; `full`: no room for another key, of which none
   * can be forgotten
   */
  take(key: string, most: number): (() => void) | 'many' | 'full' {
    const count = this.#counts.get(key) ?? 0
    if (count >= most) return 'many'
    const bytes = Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(ENTRY_BYTES + key.length)))
    if (count === 0) {
      if (this.#used + bytes > this.#size) return 'full'
      this.#used += bytes
    }
    this.#counts.set(key, count + 1)
    let given = true
    return () => {
      if (!given) return
      given = false
      const left = this.#counts.get(key)! - 1
      if (left > 0) this.#counts.set(key, left)
      else {
        this.#counts.delete(key)
        this.#used -= bytes
      }
    }
  }
}
