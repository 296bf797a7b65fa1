// Blocking workers in this process, one connection each at a time, with everything a test wants to see: a
// worker takes the next connection only when it is done with the last. It can linger until its peer closes, as
// gunicorn does from 26.0 on, and it can work on after its answer. Counts who had to wait in the backlog.

import { createServer, type Server, type Socket } from 'node:net'
import { Journal } from './journal.ts'
import type { Owner } from './owner.ts'
import { readRequest, type StrictRequest } from './strict-reading.ts'

/** One request in the hands of a worker. */
export interface Job {
  readonly worker: number
  readonly target: string
  readonly request: StrictRequest
  readonly socket: Socket
  /** Answers with this body and lets the worker go on. */
  answer(body?: string): void
  /** Writes bytes; the worker stays with the job. */
  write(bytes: string): void
  /** Dies without another byte: the connection is reset, and the worker takes the next one. */
  die(): void
  /** Whether the worker is done with it. */
  readonly done: boolean
}

export interface SyncWorkersOptions {
  workers?: number
  /** Milliseconds a worker waits for its peer's close after an answer; gunicorn 26 waits 2,000. */
  linger?: number
  listen?: number | string
}

export class SyncWorkers {
  address = ''
  readonly jobs = new Journal<Job>(
    'workers',
    job => `worker ${job.worker}: ${job.request.method} ${job.target}`,
  )
  /** The most connections that ever waited for a worker: behind a right proxy, none. */
  mostWaiting = 0
  readonly #server: Server
  readonly #waiting: Socket[] = []
  readonly #idle: number[]
  readonly #given = new Set<Job>()
  readonly #linger: number
  readonly #sockets = new Set<Socket>()

  constructor(options: SyncWorkersOptions) {
    this.#idle = Array.from({ length: options.workers ?? 1 }, (_, index) => index)
    this.#linger = options.linger ?? 0
    this.#server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, socket => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
      this.#waiting.push(socket)
      this.#next()
    })
  }

  /** The next job of that target, past or to come; each is handed out once. */
  async job(target: string): Promise<Job> {
    const fits = (job: Job): boolean => job.target === target && !this.#given.has(job)
    const job = await this.jobs.find(fits, `a worker with ${target}`)
    this.#given.add(job)
    return job
  }

  /** Targets in the order in which workers got them. */
  get order(): string[] {
    return this.jobs.entries.map(job => job.target)
  }

  #next(): void {
    while (this.#waiting.length > 0 && this.#idle.length > 0) {
      this.#serve(this.#idle.shift() as number, this.#waiting.shift() as Socket)
    }
    this.mostWaiting = Math.max(this.mostWaiting, this.#waiting.length)
  }

  /** Reads one request like a blocking worker: for as long as it takes, whatever the peer does. */
  #serve(worker: number, socket: Socket): void {
    let free = false
    let taken = false
    let bytes = Buffer.alloc(0)
    const release = (): void => {
      if (free) return
      free = true
      socket.destroy()
      this.#idle.push(worker)
      this.#next()
    }
    const finish = (): void => {
      if (this.#linger === 0) {
        release()
        return
      }
      const timer = setTimeout(release, this.#linger)
      const seen = (): void => {
        clearTimeout(timer)
        release()
      }
      if (socket.readableEnded || socket.destroyed) seen()
      else socket.once('end', seen).once('close', seen)
    }
    const take = (request: StrictRequest): void => {
      taken = true
      let done = false
      const end = (how: () => void): void => {
        if (done) return
        done = true
        how()
        this.jobs.wake()
      }
      const job: Job = {
        worker,
        target: request.target,
        request,
        socket,
        answer: (body = request.target) => {
          const head = `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`
          end(() => socket.write(head + body, finish))
        },
        write: bytes => void socket.write(bytes),
        die: () =>
          end(() => {
            socket.resetAndDestroy()
            release()
          }),
        get done() {
          return done
        },
      }
      this.jobs.push(job)
      if (!request.target.startsWith('/hold')) job.answer()
    }
    socket.on('data', (piece: Buffer) => {
      if (taken) return
      bytes = Buffer.concat([bytes, piece])
      const reading = readRequest(bytes)
      if (reading.kind === 'whole') take(reading.request)
      else if (reading.kind === 'wrong') release()
    })
    // A peer that leaves before its request is whole frees the worker; one that leaves later does not.
    socket.on('end', () => {
      if (!taken) release()
    })
    socket.on('close', () => {
      if (!taken) release()
    })
    socket.resume()
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

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (this.#server.listening) await new Promise(resolve => this.#server.close(resolve))
  }
}

/** Blocking workers that listen: `/hold…` waits for the test, all else is answered with its own target. */
export async function startSyncWorkers(owner: Owner, options: SyncWorkersOptions = {}): Promise<SyncWorkers> {
  const workers = new SyncWorkers(options)
  owner.after(() => workers.close())
  await workers.listen(options.listen ?? 0)
  return workers
}
