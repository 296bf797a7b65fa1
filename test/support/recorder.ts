// An upstream that writes down every byte that reaches it, connection by connection, and then answers as it was
// told: once for each connection, like a worker that knows no keep-alive.

import { createServer, type Server, type Socket } from 'node:net'
import { Journal } from './journal.ts'
import type { Owner } from './owner.ts'
import { type Reading, readRequest, type StrictRequest } from './strict-reading.ts'

/** One connection that reached the recorder. */
export class Recorded {
  readonly socket: Socket
  bytes = Buffer.alloc(0)
  /** What the bytes so far are, read strictly. */
  reading: Reading = { kind: 'incomplete', request: null }
  /** How the proxy ended the connection, once it did. */
  ending: 'fin' | 'reset' | null = null

  constructor(socket: Socket) {
    this.socket = socket
  }

  /** The request; throws where there is none that is whole. */
  get request(): StrictRequest {
    if (this.reading.kind !== 'whole')
      throw new Error(`no whole request: ${JSON.stringify(this.bytes.toString('latin1'))}`)
    return this.reading.request
  }
}

/** What an upstream does with a connection. */
export type Behaviour = (connection: Recorded) => void

export interface RecorderOptions {
  /** What it does; by default it answers 200 and closes. */
  answer?: Behaviour
  /** When: at the whole request (the default), at its head, or at the connection. */
  when?: 'whole' | 'head' | 'connection'
  /** A Unix socket's path, or a port; by default a port the kernel chooses. */
  listen?: string | number
}

/** Writes an answer and closes, as a worker does. */
export function answers(body: string, ...lines: string[]): Behaviour {
  const head = [
    'HTTP/1.1 200 OK',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...lines,
  ]
  return writes(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** Writes exactly these bytes and closes. */
export function writes(...bytes: (string | Uint8Array)[]): Behaviour {
  return ({ socket }) => {
    for (const piece of bytes) socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
    socket.end()
  }
}

export class Recorder {
  /** For `--upstream`. */
  address = ''
  /** What it does with a connection; may be changed between requests. */
  answer: Behaviour
  readonly connections = new Journal<Recorded>('recorder', each =>
    JSON.stringify(each.bytes.toString('latin1', 0, 400)),
  )
  readonly #when: 'whole' | 'head' | 'connection'
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(options: RecorderOptions) {
    this.answer = options.answer ?? answers('ok')
    this.#when = options.when ?? 'whole'
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, socket => this.#accept(socket))
  }

  #accept(socket: Socket): void {
    const recorded = new Recorded(socket)
    let answered = false
    const go = (): void => {
      if (answered) return
      answered = true
      this.answer(recorded)
    }
    const end = (how: 'fin' | 'reset'): void => {
      recorded.ending ??= how
      this.connections.wake()
    }
    this.#sockets.add(socket)
    socket.on('data', (bytes: Buffer) => {
      recorded.bytes = Buffer.concat([recorded.bytes, bytes])
      if (recorded.reading.kind !== 'whole') recorded.reading = readRequest(recorded.bytes)
      if (recorded.reading.kind === 'whole' || (this.#when === 'head' && recorded.bytes.includes('\r\n\r\n')))
        go()
      this.connections.wake()
    })
    socket.on('end', () => end('fin'))
    socket.on('error', () => end('reset'))
    socket.on('close', () => {
      this.#sockets.delete(socket)
      end('fin')
    })
    this.connections.push(recorded)
    if (this.#when === 'connection') go()
  }

  /** How many connections came. */
  get count(): number {
    return this.connections.entries.length
  }

  /** The nth connection (from 1) once a whole request has come on it. */
  async request(nth = 1): Promise<Recorded> {
    const at = (): Recorded | undefined => this.connections.entries[nth - 1]
    await this.connections.until(() => at()?.reading.kind === 'whole', `whole request ${nth}`)
    return at() as Recorded
  }

  /** The nth connection (from 1), as soon as it is made. */
  async connection(nth = 1): Promise<Recorded> {
    await this.connections.until(() => this.count >= nth, `connection ${nth}`)
    return this.connections.entries[nth - 1] as Recorded
  }

  /** Settles with how the proxy ended that connection. */
  async ended(recorded: Recorded): Promise<'fin' | 'reset'> {
    await this.connections.until(() => recorded.ending !== null, 'the end of the connection')
    return recorded.ending as 'fin' | 'reset'
  }

  async listen(on: string | number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      if (typeof on === 'string') this.#server.listen(on, resolve)
      else this.#server.listen(on, '127.0.0.1', resolve)
    })
    const address = this.#server.address()
    this.address = typeof address === 'string' ? `unix:${address}` : `127.0.0.1:${address?.port}`
  }

  /** Stops listening and ends every connection. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (this.#server.listening) await new Promise(resolve => this.#server.close(resolve))
  }
}

/** A recorder that listens. It ends with its owner. */
export async function startRecorder(owner: Owner, options: RecorderOptions = {}): Promise<Recorder> {
  const recorder = new Recorder(options)
  owner.after(() => recorder.close())
  await recorder.listen(options.listen ?? 0)
  return recorder
}
