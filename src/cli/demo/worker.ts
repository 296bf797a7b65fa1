// The entry of one demonstration worker, a process of its own: a sync worker as gunicorn has them. It serves
// one connection at a time and really blocks while it works. Started by worker-process.ts with its number, its
// port (0: any) and its parent's process id; tells the port over IPC; ends when its parent does.

import { createServer, type Socket } from 'node:net'
import { block } from './blocking.ts'
import { Incoming } from './incoming.ts'
import { type Answer, answerTo, whole } from './pages.ts'

const [, , number, port, parent] = process.argv.map(Number) as [number, number, number, number, number]

/** How long an ended connection may take to be closed by its peer, in milliseconds: gunicorn 26's `close_graceful`. */
const LINGER_MS = 2000
/** How long a connection may be silent, in milliseconds; where gunicorn's master would have killed the worker. */
const SILENCE_MS = 300_000
/** How many connections may wait: gunicorn's backlog. */
const BACKLOG = 2048

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  411: 'Length Required',
  431: 'Request Header Fields Too Large',
}

const waiting: Socket[] = []
let busy = false
let served = 0

const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, socket => {
  socket.on('error', () => socket.destroy())
  waiting.push(socket)
  if (!busy) void serveAll()
})
server.maxConnections = BACKLOG
server.on('error', error => {
  process.stderr.write(`demo worker ${number}: ${error.message}\n`)
  process.exit(1)
})
server.listen({ host: '127.0.0.1', port, backlog: BACKLOG }, () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) process.send?.({ port: address.port })
})

process.on('disconnect', () => process.exit(0))

/** A blocked worker hears no `disconnect`; but an orphan is given another parent. */
function orphaned(): boolean {
  return process.ppid !== parent
}

function work(ms: number): void {
  if (!block(ms, orphaned)) process.exit(0)
}

/** One connection after another, in the order in which they came. */
async function serveAll(): Promise<void> {
  busy = true
  for (let socket = waiting.shift(); socket !== undefined; socket = waiting.shift()) {
    try {
      await serve(socket)
    } catch {
      // The connection broke; whoever asked is gone.
    } finally {
      socket.destroy()
    }
  }
  busy = false
}

/** Reads one request, answers it, and stays with the connection until the peer has closed it too. */
async function serve(socket: Socket): Promise<void> {
  socket.setTimeout(SILENCE_MS, () => socket.destroy())
  const incoming = new Incoming(socket)
  const head = await incoming.head()
  if (head === null) return
  const worker = { number, pid: process.pid, served: ++served }
  let answer: Answer | null
  if ('why' in head) answer = whole(head.status, 'text/plain; charset=utf-8', `${head.why}\n`)
  else {
    if (head.expects && head.length > 0) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    answer = await answerTo({ head, incoming, worker, block: work })
  }
  if (answer === null) return
  await send(socket, answer, !('why' in head) && head.method === 'HEAD')
  socket.end()
  socket.setTimeout(LINGER_MS)
  await incoming.rest()
}

/** Writes an answer at the client's pace, as a sync worker does: a slow reader holds it. */
async function send(socket: Socket, answer: Answer, headOnly: boolean): Promise<void> {
  const fields = {
    'Content-Type': answer.type,
    'Content-Length': answer.length,
    ...answer.fields,
    'Cache-Control': 'no-store',
    'X-Worker': `${number}; pid=${process.pid}; served=${served}`,
    Connection: 'close',
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`HTTP/1.1 ${answer.status} ${REASONS[answer.status] ?? ''}\r\n${lines.join('')}\r\n`)
  if (headOnly) return
  for (const piece of answer.body) {
    if (socket.destroyed) return
    if (!socket.write(piece)) await flushed(socket)
  }
}

/** Settles when the socket takes more, or is closed. */
function flushed(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      socket.off('drain', done)
      socket.off('close', done)
      resolve()
    }
    socket.on('drain', done)
    socket.on('close', done)
  })
}
