// Messages to another thread, gathered for the length of one turn of the event loop: under load one wake-up of the
// other side carries many (two threads with sixteen requests under way: 10 µs for a question and its answer, and
// 14 to 17 when each message goes alone). Knows nothing of what they say.

export interface Port<Message> {
  postMessage(messages: readonly Message[]): void
}

export class Outbox<Message> {
  readonly #port: Port<Message>
  #waiting: Message[] = []
  #due = false

  constructor(port: Port<Message>) {
    this.#port = port
  }

  /** Goes out at the end of this turn, after what was put before. */
  put(message: Message): void {
    this.#waiting.push(message)
    if (this.#due) return
    this.#due = true
    setImmediate(() => this.flush())
  }

  /** Goes out with the next that is put, or when somebody flushes: for what is worth no wake-up of its own. */
  putOff(message: Message): void {
    this.#waiting.push(message)
  }

  flush(): void {
    this.#due = false
    if (this.#waiting.length === 0) return
    const messages = this.#waiting
    this.#waiting = []
    this.#port.postMessage(messages)
  }
}
