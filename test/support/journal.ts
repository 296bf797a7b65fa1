// A list that grows while a test runs, and that the test can wait on: log lines, connections, events. Every
// wait of the test suite is a wait for an entry here, so that nothing is ordered by sleeping. The only
// clock is the patience after which a wait gives up and says what it did see.

/** How long a test waits for something that should happen; it ends hanging tests, and measures nothing. */
export const patience = 15_000

interface Waiter {
  check(): boolean
  fail(why: string): void
}

export class Journal<T> {
  readonly entries: T[] = []
  readonly #name: string
  readonly #print: (entry: T) => string
  readonly #waiters = new Set<Waiter>()
  #closed: string | null = null

  /** `name` and `print` are for the message when a wait is in vain. */
  constructor(name: string, print: (entry: T) => string = entry => String(entry)) {
    this.#name = name
    this.#print = print
  }

  push(entry: T): void {
    this.entries.push(entry)
    this.wake()
  }

  /** Looks again at what is waited for; for conditions that depend on more than the entries. */
  wake(): void {
    for (const waiter of [...this.#waiters]) if (waiter.check()) this.#waiters.delete(waiter)
  }

  /** Nothing more will come: every wait, now or later, fails with the reason. */
  close(why: string): void {
    this.wake()
    this.#closed ??= why
    for (const waiter of this.#waiters) waiter.fail(why)
    this.#waiters.clear()
  }

  /** The first entry, past or to come, that `match` accepts. */
  async find(match: (entry: T) => boolean, what: string): Promise<T> {
    let found: T | undefined
    await this.until(() => (found = this.entries.find(match)) !== undefined, what)
    return found as T
  }

  /** Settles once `condition` holds; it is asked at every entry and every `wake`. */
  until(condition: () => boolean, what: string): Promise<void> {
    if (condition()) return Promise.resolve()
    const asked = new Error()
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(timer)
        asked.message = `${this.#name}: waited for ${what}, but ${why}.\n${this.tail()}`
        reject(asked)
      }
      const waiter: Waiter = {
        check: () => {
          if (!condition()) return false
          clearTimeout(timer)
          resolve()
          return true
        },
        fail,
      }
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter)
        fail(`not within ${patience / 1000} s`)
      }, patience)
      if (this.#closed !== null) fail(this.#closed)
      else this.#waiters.add(waiter)
    })
  }

  /** The last entries, for people. */
  tail(count = 30): string {
    const shown = this.entries.slice(-count).map(entry => `  ${this.#print(entry)}`)
    return [`${this.#name}, ${this.entries.length} entries:`, ...shown].join('\n')
  }
}
