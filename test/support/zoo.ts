// Upstreams that misbehave, each in its own way: behaviours for a recorder, and one that cannot be one, since
// it never accepts. What a blocking worker does wrong (lingering, working on) is in `sync-worker.ts`.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Journal } from './journal.ts'
import type { Owner } from './owner.ts'
import { connectRaw } from './raw-client.ts'
import { type Behaviour, writes } from './recorder.ts'

const ok = 'HTTP/1.1 200 OK\r\n'

/** Resets before a byte of an answer. */
export const resetsAtOnce: Behaviour = ({ socket }) => void socket.resetAndDestroy()

/** Closes before a byte of an answer. */
export const closesAtOnce: Behaviour = ({ socket }) => void socket.end()

/** Sends these bytes, then resets once the proxy's kernel has them. */
export function resetsAfter(bytes: string): Behaviour {
  // A reset overtakes what was not yet read: the test says when, by calling `reset` of the connection's socket.
  return ({ socket }) => void socket.write(Buffer.from(bytes, 'latin1'))
}

/** The head and part of the body, then an orderly close: each way to frame a body. */
export const breaksOff = {
  length: writes(`${ok}Content-Length: 1000\r\n\r\nonly this`),
  chunked: writes(`${ok}Transfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n`),
  'in a chunk': writes(`${ok}Transfer-Encoding: chunked\r\n\r\nff\r\nonly this`),
  'before the trailers end': writes(`${ok}Transfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n0\r\n`),
} satisfies Record<string, Behaviour>

/** More bytes than announced. */
export const saysTooMuch: Behaviour = writes(`${ok}Content-Length: 4\r\n\r\nbody and bytes beyond it`)

/** A head that is folded in the obsolete way. */
export const folds: Behaviour = writes(`${ok}X-Folded: one\r\n  two\r\nContent-Length: 4\r\n\r\nbody`)

/** A body that ends with the connection. */
export const closeDelimited: Behaviour = writes(
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it',
)

/** An answer in the words of 1996. */
export const speaksHttp10: Behaviour = writes('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold body')

/** Interim answers before the real one. */
export const interim: Behaviour = writes(
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n',
  `${ok}Content-Length: 4\r\n\r\nbody`,
)

/** A whole answer, and then the connection is kept open for ever. */
export const keepsOpen: Behaviour = ({ socket }) => void socket.write(`${ok}Content-Length: 4\r\n\r\nbody`)

/** A body without an end, as fast as it is taken. */
export const endless: Behaviour = ({ socket }) => {
  const piece = Buffer.alloc(65_536, 'x')
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece)) {
      // until the peer stops reading
    }
  }
  socket.on('drain', more)
  socket.write(`${ok}Content-Type: text/plain\r\n\r\n`)
  more()
}

/** Answers that are not HTTP, or not quite: each must become a 502. */
export const garbage: Record<string, string> = {
  'another protocol': 'SSH-2.0-OpenSSH_9.2p1\r\n',
  binary: '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n',
  'a request': 'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'HTTP/0.9': '<html>hello</html>',
  'another major version': 'HTTP/2 200 OK\r\n\r\n',
  'a status of two digits': 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n',
  'a status of four digits': 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n',
  'a status below 100': 'HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n',
  'a bare LF': 'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
  'a bare CR in a value': 'HTTP/1.1 200 OK\r\nX-A: a\rb\r\nContent-Length: 0\r\n\r\n',
  'a NUL in a value': 'HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n',
  'a space before a colon': 'HTTP/1.1 200 OK\r\nX-A : a\r\nContent-Length: 0\r\n\r\n',
  'a field without a colon': 'HTTP/1.1 200 OK\r\nX-A\r\nContent-Length: 0\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'a length that is no number': 'HTTP/1.1 200 OK\r\nContent-Length: +4\r\n\r\nbody',
  'length and chunked': 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'an unknown coding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'an unsolicited 101': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
}

const neverAccepts = `
import socket, sys, time
s = socket.socket(socket.AF_UNIX if sys.argv[1].startswith("/") else socket.AF_INET)
s.bind(sys.argv[1] if sys.argv[1].startswith("/") else ("127.0.0.1", 0))
s.listen(0)
name = s.getsockname()
print(name if isinstance(name, str) else "127.0.0.1:%d" % name[1], flush=True)
time.sleep(3600)
`

/** A listener that never accepts, with its backlog full: on TCP a connection is never made, on a Unix socket it is EAGAIN. */
export async function startNeverAccepting(owner: Owner, path = ''): Promise<string> {
  const child = spawn('python3', ['-c', neverAccepts, path === '' ? 'tcp' : path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  owner.after(() => void child.kill('SIGKILL'))
  const lines = new Journal<string>('the listener that never accepts')
  createInterface({ input: child.stdout }).on('line', line => lines.push(line))
  const name = await lines.find(() => true, 'its address')
  const address = path === '' ? name : `unix:${name}`
  // A backlog of 0 takes one connection; from then on it is full.
  await connectRaw(owner, address)
  return address
}
