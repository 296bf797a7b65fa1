// An app that knows how long its worker is held: from accepting a connection to its end, beside its own work. It
// works 20 ms once it has the whole request, as a blocking worker would, and closes after each answer. Also the
// app of the bulk figures, where the time of its work does not count. Raw sockets: it must not be slower than
// what it measures. Sends its port, then a message for each connection.
// GET /<n> answers n bytes; POST answers how many bytes came.

import { createServer, type Socket } from 'node:net'

const filler = Buffer.alloc(1 << 20, 'd')
const work = 20

const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
  const accepted = performance.now()
  let head = ''
  let target = ''
  let left = -1
  let own = 0
  socket.on('error', () => {})
  socket.on('close', () => {
    if (target !== '') process.send?.({ target, held: performance.now() - accepted, own })
  })
  socket.on('end', () => {
    if (left !== 0) socket.destroy() // gone before the request was whole
  })
  socket.on('data', (chunk: Buffer) => {
    let body = chunk.length
    if (left < 0) {
      head += chunk.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      target = head.split(' ', 2)[1] ?? ''
      left = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
      // A proxy that streams a body of unknown length is not in these scenarios: each sends a length.
      body = head.length - end - 4
    }
    left -= body
    if (left > 0 || own > 0) return
    const start = performance.now()
    own = 1
    setTimeout(() => {
      own = performance.now() - start
      answer(socket, Number(target.slice(1)) || 0)
    }, work)
  })
})

function answer(socket: Socket, size: number): void {
  let left = size
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`)
  const pump = (): void => {
    while (left > 0) {
      const piece = filler.subarray(0, Math.min(left, filler.length))
      left -= piece.length
      if (!socket.write(piece)) break
    }
    if (left > 0) socket.once('drain', pump)
    else socket.end()
  }
  pump()
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: address !== null && typeof address === 'object' ? address.port : 0 })
})
