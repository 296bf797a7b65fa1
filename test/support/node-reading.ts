// A second opinion on what reached an upstream: Node's own HTTP parser, fed the recorded bytes of one connection.

import { createServer, type IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'

export interface NodeRequest {
  method: string
  target: string
  body: Buffer
}

/** The requests that Node's parser finds in the bytes; throws where it refuses them. */
export function readByNode(bytes: Buffer): Promise<NodeRequest[]> {
  return new Promise((resolve, reject) => {
    const found: Promise<NodeRequest>[] = []
    const server = createServer({ requireHostHeader: false }, (request, response) => {
      found.push(collect(request))
      // Keep-alive in spite of `Connection: close`, so that surplus bytes are parsed and not ignored.
      response.shouldKeepAlive = true
    })
    const settle = (): void => void Promise.all(found).then(resolve, reject)
    server.on('clientError', reject)
    const socket = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        done()
      },
    })
    server.emit('connection', socket)
    socket.push(bytes)
    setImmediate(() => {
      settle()
      setImmediate(() => socket.destroy())
    })
  })
}

function collect(request: IncomingMessage): Promise<NodeRequest> {
  const pieces: Buffer[] = []
  return new Promise((resolve, reject) => {
    request.on('data', piece => pieces.push(piece))
    request.on('end', () =>
      resolve({
        method: request.method as string,
        target: request.url as string,
        body: Buffer.concat(pieces),
      }),
    )
    request.on('error', reject)
    request.on('close', () => reject(new Error('the body is not whole')))
  })
}
