// A client that does what it is told, byte by byte: sends anything, at any pace, stops reading, half-closes,
// resets; and tells what came back and how the connection ended.

import { once } from 'node:events'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Answer, readAnswer } from './answer.ts'
import { Journal } from './journal.ts'
import type { Owner } from './owner.ts'

export interface ClientOptions {
  /** The address to connect from. */
  from?: string
  /** Speak TLS, and believe any certificate. */
  tls?: boolean
  /** Do not read before `resume` is called. */
  paused?: boolean
}

/** How a connection ended, seen from the client. */
export type Ending = 'fin' | 'reset'

export class RawClient {
  readonly socket: Socket
  /** What came and was not yet taken as an answer. */
  received: Buffer = Buffer.alloc(0)
  /** How the other side ended the connection, once it did. */
  ending: Ending | null = null
  readonly #events: Journal<string>
  readonly #methods: string[] = []

  constructor(socket: Socket, name: string) {
    this.socket = socket
    this.#events = new Journal(name, text => text)
    socket.on('data', (bytes: Buffer) => {
      this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes])
      this.#events.push(`received ${bytes.length}: ${JSON.stringify(bytes.toString('latin1', 0, 300))}`)
    })
    socket.on('end', () => this.#end('fin'))
    socket.on('error', error => this.#end('reset', error))
    socket.on('close', () => this.#end('fin'))
  }

  #end(how: Ending, error?: Error): void {
    if (this.ending !== null) return
    this.ending = how
    this.#events.push(error === undefined ? how : `${how}: ${error.message}`)
  }

  /** Sends bytes; does not wait until they are taken. */
  send(...bytes: (string | Uint8Array)[]): this {
    for (const piece of bytes)
      this.socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
    return this
  }

  /** Sends, and settles when the kernel has taken all of it, or the connection is over. */
  async sent(bytes: string | Uint8Array): Promise<void> {
    if (this.ending === 'reset' || this.socket.destroyed) return
    await new Promise<void>(resolve => {
      this.socket.once('close', resolve)
      this.socket.write(bytes, () => {
        this.socket.off('close', resolve)
        resolve()
      })
    })
  }

  /** Sends a request of a head and nothing else; `answer` then knows that a HEAD has no body. */
  request(method: string, target: string, ...lines: string[]): this {
    this.#methods.push(method)
    return this.send([`${method} ${target} HTTP/1.1`, 'Host: app.test', ...lines, '', ''].join('\r\n'))
  }

  /** Sends FIN and goes on reading. */
  halfClose(): this {
    this.socket.end()
    return this
  }

  /** Closes in order: FIN, and what still comes is thrown away. */
  close(): void {
    this.socket.destroy()
  }

  /** Ends the connection with a reset. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  /** The next whole answer, taken off what was received; interim ones (1xx) count too. */
  async answer(method = this.#methods[0] ?? 'GET'): Promise<Answer> {
    const taken = await this.#take(method, answer => answer.whole)
    this.received = this.received.subarray(taken.size)
    if (taken.status >= 200) this.#methods.shift()
    return taken
  }

  /** The answer whose head has come, whatever is there of its body; it is not taken off. */
  head(method = this.#methods[0] ?? 'GET'): Promise<Answer> {
    return this.#take(method, () => true)
  }

  /** The answer as far as it came, once the connection ended; null where not even a head came. */
  async rest(method = this.#methods[0] ?? 'GET'): Promise<Answer | null> {
    await this.ended()
    return readAnswer(this.received, method, this.ending === 'fin')
  }

  async #take(method: string, enough: (answer: Answer) => boolean): Promise<Answer> {
    let answer: Answer | null = null
    let over = false
    await this.until(() => {
      answer = readAnswer(this.received, method, this.ending === 'fin')
      if (answer !== null && enough(answer)) return true
      return (over = this.ending !== null)
    }, 'a whole answer')
    if (over) throw new Error(`the connection ended before the answer was whole\n${this.#events.tail()}`)
    return answer as unknown as Answer
  }

  /** Settles when the other side has ended the connection. */
  async ended(): Promise<Ending> {
    await this.until(() => this.ending !== null, 'the end of the connection')
    return this.ending as Ending
  }

  /** Settles when `condition` holds; it is asked whenever something comes. */
  until(condition: () => boolean, what: string): Promise<void> {
    return this.#events.until(condition, what)
  }

  /** Settles when `text` was received. */
  receives(text: string): Promise<void> {
    return this.until(() => this.received.includes(text), JSON.stringify(text))
  }
}

/** Connects to `127.0.0.1:PORT` or `unix:/path`. The connection ends with its owner. */
export async function connectRaw(owner: Owner, to: string, options: ClientOptions = {}): Promise<RawClient> {
  const where = destination(to)
  const from = options.from === undefined ? {} : { localAddress: options.from }
  const socket = options.tls
    ? connectTls({ ...where, rejectUnauthorized: false })
    : connect({ ...where, ...from, allowHalfOpen: true, noDelay: true } as NetConnectOpts)
  const client = new RawClient(socket, `client of ${to}`)
  owner.after(() => void socket.destroy())
  if (options.paused) socket.pause()
  await once(socket, options.tls ? 'secureConnect' : 'connect')
  return client
}

function destination(to: string): { path: string } | { host: string; port: number } {
  if (to.startsWith('unix:')) return { path: to.slice(5) }
  const colon = to.lastIndexOf(':')
  return { host: to.slice(0, colon), port: Number(to.slice(colon + 1)) }
}

/** One GET (or what `method` says) on a connection of its own, and its whole answer. */
export async function ask(owner: Owner, to: string, target: string, ...lines: string[]): Promise<Answer> {
  const client = await connectRaw(owner, to)
  const answer = await client.request('GET', target, 'Connection: close', ...lines).answer()
  client.close()
  return answer
}
