// A table by names of hosts, of which some stand for many: `*.example.org`, `.example.org`, `www.example.*`. Found as nginx
// finds them (ngx_hash_find_combined): a whole name, then the longest ending, then the longest beginning.

export class HostTable<Value> {
  readonly #exact = new Map<string, Value>()
  /** By what follows the first dot. */
  readonly #endings = new Map<string, Value>()
  /** By what comes before the last dot. */
  readonly #beginnings = new Map<string, Value>()

  /** Asterisks mean nothing in it. @param name in lower case */
  addWhole(name: string, value: Value): void {
    this.#exact.set(name, value)
  }

  /** @param name in lower case */
  add(name: string, value: Value): void {
    if (name.length > 1 && name.startsWith('.')) {
      this.#exact.set(name.slice(1), value)
      this.#endings.set(name.slice(1), value)
    } else if (name.length > 2 && name.startsWith('*.')) this.#endings.set(name.slice(2), value)
    else if (name.length > 2 && name.endsWith('.*')) this.#beginnings.set(name.slice(0, -2), value)
    else this.#exact.set(name, value)
  }

  get isEmpty(): boolean {
    return this.#exact.size + this.#endings.size + this.#beginnings.size === 0
  }

  /** @param name in lower case, of a client's making */
  find(name: string): Value | undefined {
    return this.#exact.get(name) ?? this.#byEnding(name) ?? this.#byBeginning(name)
  }

  #byEnding(name: string): Value | undefined {
    if (this.#endings.size === 0) return undefined
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
      const found = this.#endings.get(name.slice(dot + 1))
      if (found !== undefined) return found
    }
    return undefined
  }

  #byBeginning(name: string): Value | undefined {
    if (this.#beginnings.size === 0) return undefined
    for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
      const found = this.#beginnings.get(name.slice(0, dot))
      if (found !== undefined) return found
    }
    return undefined
  }
}
