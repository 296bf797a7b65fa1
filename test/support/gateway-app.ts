// An app server that speaks uwsgi, FastCGI and SCGI, whichever it is asked in, and whose answers the test gives by hand.
// Notes each whole request, and how many connections were open at once.

import { createServer, type Socket } from 'node:net'
import { answerOf } from './fastcgi.ts'
import { type GatewayRequest, readGateway } from './gateway-reading.ts'
import { Journal } from './journal.ts'
import type { Owner } from './owner.ts'

export interface GatewayJob {
  readonly request: GatewayRequest
  readonly socket: Socket
  param(name: string): string | undefined
  /** Writes bytes as they are. */
  write(bytes: string): void
  /** Answers in the protocol of the request, and closes. @param output as CGI has it */
  answer(output: string): void
}

export interface GatewayApp {
  readonly port: number
  readonly jobs: Journal<GatewayJob>
  /** Connections that were open at once, at most; and how many there have been. */
  readonly counts: { most: number; all: number }
  close(): Promise<void>
}

/** @param each answers by itself; absent: the test does @param port 0: one of the kernel's choice */
export async function startGatewayApp(
  owner: Owner,
  each: (job: GatewayJob) => void = () => {},
  port = 0,
): Promise<GatewayApp> {
  const jobs = new Journal<GatewayJob>(
    'gateway app',
    job => `${job.request.gateway} ${job.param('REQUEST_URI')}`,
  )
  const sockets = new Set<Socket>()
  const counts = { most: 0, all: 0 }
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    counts.all++
    counts.most = Math.max(counts.most, sockets.size)
    // What has been answered is none of the app's any more, whenever the other side closes.
    for (const end of ['finish', 'close']) socket.on(end, () => sockets.delete(socket))
    socket.on('error', () => {})
    // Whoever hangs up in the middle is not answered any more.
    socket.on('end', () => socket.end())
    let bytes: Buffer = Buffer.alloc(0)
    let asked = false
    socket.on('data', (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece])
      const request = asked ? null : readGateway(bytes)
      if (request === null) return
      asked = true
      const job = jobOf(request, socket)
      jobs.push(job)
      each(job)
    })
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise<void>(resolve => server.close(() => resolve()))
  }
  owner.after(close)
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, jobs, counts, close }
}

function jobOf(request: GatewayRequest, socket: Socket): GatewayJob {
  const params = new Map(request.params)
  return {
    request,
    socket,
    param: name => params.get(name),
    write: bytes => void socket.write(bytes, 'latin1'),
    answer: output => void socket.end(request.gateway === 'fastcgi' ? answerOf(output) : output, 'latin1'),
  }
}
