// One client connection to a proxy, as an edge would hold it: raw `node:net`, one request at a time, a deadline
// for each, and bodies sent or read at a pace when asked. It knows no load pattern.

import { connect, type Socket } from 'node:net'
import { AnswerReader } from './answer.ts'
import { type Paced, pace } from './pacer.ts'

export interface Ask {
  method?: string
  target: string
  headers?: string
  /** A body given whole, or a number of bytes to make up. */
  body?: Buffer | number
  /** Bytes a second; absent: as fast as it goes. */
  uploadRate?: number
  readRate?: number
  /** Milliseconds from the request's first byte to the answer's last, after which the client leaves. */
  deadline: number
  keepBody?: boolean
  /** The visitor's address; absent: one for each connection. */
  client?: string
}

export interface Answer {
  status: number
  head: string
  bytes: number
  body: Buffer
  /** Milliseconds from the request's first byte to the answer's last. */
  ms: number
}

/** Why there was no answer. `left`: the deadline passed and the client closed. */
export class NoAnswer extends Error {
  readonly kind: 'refused' | 'broken' | 'left'
  constructor(kind: 'refused' | 'broken' | 'left', message: string) {
    super(message)
    this.kind = kind
  }
}

interface Sending {
  readonly done: boolean
  stop(): void
}

const filler = Buffer.alloc(1 << 20, 'u')
let addresses = 0

export class Connection {
  readonly #socket: Socket
  readonly #client: string
  #reader: AnswerReader | null = null
  #finish: ((failure: NoAnswer | null) => void) | null = null
  #reading: Paced | null = null
  #connected = false
  #dead = false

  constructor(port: number) {
    // A different visitor behind each connection, from the documentation ranges.
    this.#client = `203.0.113.${addresses++ % 250}`
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket = socket
    socket.on('connect', () => {
      this.#connected = true
    })
    socket.on('data', chunk => this.#data(chunk as Buffer))
    socket.on('end', () => {
      if (this.#reader === null) this.#dead = true
      else if (this.#reader.end()) this.#finish?.(null)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#dead = true
      const kind = this.#connected ? 'broken' : 'refused'
      this.#finish?.(
        new NoAnswer(kind, kind === 'refused' ? 'connection refused' : 'closed before the answer'),
      )
    })
  }

  /** Whether another request can be sent. */
  get usable(): boolean {
    return !this.#dead
  }

  /** Settles once the connection stands, or has failed. */
  async opened(): Promise<void> {
    if (this.#connected || this.#dead) return
    await new Promise<void>(resolve => {
      this.#socket.once('connect', () => resolve())
      this.#socket.once('close', () => resolve())
    })
  }

  /** Sends one request. Rejects with `NoAnswer`; the connection is then closed. */
  ask(ask: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const method = ask.method ?? 'GET'
      const reader = new AnswerReader(method, ask.keepBody === true)
      const start = performance.now()
      let sending: Sending | null = null
      const timer = setTimeout(
        () => finish(new NoAnswer('left', `no answer in ${ask.deadline} ms`)),
        ask.deadline,
      )
      const finish = (failure: NoAnswer | null): void => {
        if (this.#reader !== reader) return
        clearTimeout(timer)
        sending?.stop()
        this.#reading?.stop()
        this.#reader = this.#finish = this.#reading = null
        if (failure !== null || reader.closes || sending?.done === false) this.close()
        const { status, head, bytes } = reader
        if (failure !== null) reject(failure)
        else resolve({ status, head, bytes, body: reader.body, ms: performance.now() - start })
      }
      this.#reader = reader
      this.#finish = finish
      if (this.#dead) {
        finish(new NoAnswer('broken', 'the connection was closed while idle'))
        return
      }
      if (ask.readRate !== undefined) this.#reading = pace(ask.readRate, () => this.#socket.resume())
      const size = typeof ask.body === 'number' ? ask.body : (ask.body?.length ?? 0)
      this.#socket.write(
        `${method} ${ask.target} HTTP/1.1\r\nHost: app.example\r\nUser-Agent: bench\r\nConnection: Keep-Alive\r\n` +
          `Accept-Encoding: br, gzip\r\nCF-Ray: 8f0000000000${1000 + (addresses % 1000)}-FRA\r\n` +
          `X-Forwarded-For: ${ask.client ?? this.#client}\r\n${ask.headers ?? ''}` +
          (size > 0 || method === 'POST' ? `Content-Length: ${size}\r\n\r\n` : '\r\n'),
      )
      if (size > 0) sending = this.#send(ask.body ?? 0, size, ask.uploadRate)
    })
  }

  close(): void {
    this.#dead = true
    this.#socket.destroy()
  }

  #send(body: Buffer | number, size: number, rate: number | undefined): Sending | null {
    if (typeof body !== 'number') {
      this.#socket.write(body)
      return null
    }
    let left = size
    const write = (most: number): boolean => {
      const piece = filler.subarray(0, Math.min(most, left, filler.length))
      left -= piece.length
      return this.#socket.write(piece)
    }
    if (rate !== undefined) {
      const sending = pace(rate, allowance => {
        write(allowance)
        sending.spend(allowance)
        if (left === 0) sending.finish()
      })
      return sending
    }
    const sending = { done: false, stop: () => this.#socket.removeListener('drain', pump) }
    const pump = (): void => {
      while (left > 0) if (!write(filler.length)) break
      if (left > 0) this.#socket.once('drain', pump)
      else sending.done = true
    }
    pump()
    return sending
  }

  #data(chunk: Buffer): void {
    const reader = this.#reader
    if (reader === null) {
      this.close()
      return
    }
    try {
      reader.push(chunk)
    } catch (error) {
      this.#finish?.(new NoAnswer('broken', (error as Error).message))
      return
    }
    if (reader.done) {
      this.#socket.resume()
      this.#finish?.(null)
    } else if (this.#reading !== null) {
      this.#reading.spend(chunk.length)
      if (this.#reading.allowance <= 0) this.#socket.pause()
    }
  }
}
