// An app that counts how many requests it has at a time: from accepting a connection to the end of its answer, after two
// milliseconds. It takes as many as come: whoever counts its slots must not give it more. Sends its port, and to any message what
// it counted since the last.

import { createServer } from 'node:net'

const WORK = 2

let now = 0
let most = 0
let served = 0

const server = createServer(socket => {
  most = Math.max(most, ++now)
  socket.on('error', () => {})
  socket.on('close', done)
  let counted = true
  function done(): void {
    if (counted) now--
    counted = false
  }
  socket.once('data', () => {
    setTimeout(() => {
      served++
      done()
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok')
    }, WORK)
  })
})

process.on('message', () => {
  process.send?.({ most, served })
  most = now
  served = 0
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: address !== null && typeof address === 'object' ? address.port : 0 })
})
