// What the tests of the room share: a worker that does what the test says with each connection, and a connection
// to it whose clock ticks by hand. What happens on both sides goes into one journal, so that order can be told.

import { createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { Clock, now } from '../../src/clock.ts'
import type { AnswerSink, LossOfWorker } from '../../src/upstream/answer-sink.ts'
import type { OutgoingBody } from '../../src/upstream/outgoing-body.ts'
import { OutgoingRequest } from '../../src/upstream/outgoing-request.ts'
import { type Endpoint, Upstream } from '../../src/upstream/upstream.ts'
import { WorkerConnection } from '../../src/upstream/worker-connection.ts'
import type { Journal } from '../support/journal.ts'

/** One connection in the hands of a worker. */
export interface Job {
  readonly socket: Socket
  /** What came, as latin1. */
  readonly received: () => string
}

/** A server on loopback that gives each connection to `work` and writes down what it sees. */
export async function startWorker(
  t: TestContext,
  journal: Journal<string>,
  work: (job: Job) => void = () => {},
): Promise<Endpoint> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    sockets.add(socket)
    let received = ''
    socket.on('data', bytes => {
      received += bytes.toString('latin1')
      journal.push(`worker received ${bytes.length}`)
    })
    socket.on('end', () => journal.push('worker saw FIN'))
    socket.on('error', error => journal.push(`worker saw ${(error as NodeJS.ErrnoException).code}`))
    socket.on('close', () => sockets.delete(socket))
    work({ socket, received: () => received })
    journal.push('worker accepted')
  })
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { host: '127.0.0.1', port: address.port }
}

export interface ConnectionOptions {
  method?: string
  head?: string
  body?: OutgoingBody | null
  workerTimeout?: number | null
  readTimeout?: number
  sendTimeout?: number | null
  connectTimeout?: number
  /** What `data` says to each piece; true when not given. */
  data?: (chunk: Buffer) => boolean
}

export interface Connected {
  readonly connection: WorkerConnection
  readonly clock: Clock
  readonly upstream: Upstream
  readonly journal: Journal<string>
  readonly warnings: string[]
  /** The body as far as the sink was given it. */
  body(): Buffer
  /** How it was lost, from `failed` or `lost`. */
  losses: LossOfWorker[]
  /** Whether the slot came back; throws when it did so twice. */
  released(): boolean
  /** Settles at that entry of the journal. */
  saw(entry: string): Promise<string>
  /** Lets every deadline within so many milliseconds from now pass. */
  pass(ms: number): void
}

export function upstreamAt(endpoint: Endpoint | null): Upstream {
  return new Upstream('app', endpoint, { down() {}, up() {} })
}

export function connect(
  t: TestContext,
  journal: Journal<string>,
  endpoint: Endpoint,
  options: ConnectionOptions = {},
): Connected {
  const clock = new Clock()
  const upstream = upstreamAt(endpoint)
  const pieces: Buffer[] = []
  const warnings: string[] = []
  const losses: LossOfWorker[] = []
  let released = 0
  const sink: AnswerSink = {
    connected: () => journal.push('connected'),
    informational: head => journal.push(`interim ${head.status}`),
    head: head => journal.push(`head ${head.status}`),
    data: chunk => {
      pieces.push(Buffer.from(chunk))
      const goOn = options.data?.(chunk) ?? true
      journal.push(`data ${chunk.length}`)
      return goOn
    },
    end: () => journal.push('end'),
    flush: () => journal.push('flush'),
    failed: (failure, loss) => {
      losses.push(loss)
      journal.push(`failed ${failure.code} ${loss.how}`)
    },
    lost: (failure, loss) => journal.push(`lost ${failure.code} ${loss.how}`),
    freed: () => journal.push('freed'),
  }
  const slot = {
    release: () => {
      released++
      journal.push('released')
    },
  }
  const connection = new WorkerConnection(
    upstream,
    slot,
    options.method ?? 'GET',
    new OutgoingRequest(options.head ?? 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', options.body ?? null),
    sink,
    {
      clock,
      connectTimeout: options.connectTimeout ?? 5_000,
      readTimeout: options.readTimeout ?? 35_000,
      sendTimeout: options.sendTimeout ?? null,
      workerTimeout: options.workerTimeout === undefined ? 30_000 : options.workerTimeout,
      freed: (_upstream, busyMs) => journal.push(busyMs >= 0 ? 'counted as free' : `busy for ${busyMs} ms`),
      connect: (_upstream, result) => journal.push(`connect ${result}`),
      warn: message => warnings.push(message),
    },
  )
  // The test does first what it does at once.
  process.nextTick(() => connection.begin())
  t.after(() => connection.socket.destroy())
  return {
    connection,
    clock,
    upstream,
    journal,
    warnings,
    losses,
    body: () => Buffer.concat(pieces),
    released: () => {
      if (released > 1) throw new Error(`the slot came back ${released} times\n${journal.tail()}`)
      return released === 1
    },
    saw: entry => journal.find(seen => seen === entry, JSON.stringify(entry)),
    pass: ms => clock.tick(now() + ms),
  }
}

/** The entries that are among these, in order. */
export function order(journal: Journal<string>, ...wanted: string[]): string[] {
  return journal.entries.filter(entry => wanted.includes(entry))
}
