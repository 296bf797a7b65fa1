// What the suite does on connections to a server: asks, looks whether it listens, and waits until it has heard all.

import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** How long an answer may take before the comparison goes on without it. */
const ANSWER_MS = 5_000

/** Whether somebody listens there. */
export function canConnect(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** Sends the bytes and reads to the end of the connection. A reset ends it as well. */
export function exchange(port: number, bytes: string, secure: boolean): Promise<string> {
  return new Promise(resolve => {
    const socket = secure
      ? connectTls({ port, host: '127.0.0.1', servername: 'app.example', rejectUnauthorized: false })
      : connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let received = ''
    const end = () => {
      socket.destroy()
      resolve(received)
    }
    socket.setTimeout(ANSWER_MS, () => {
      received += '(nothing more for too long)'
      end()
    })
    socket.on('data', (piece: Buffer) => (received += piece.toString('latin1')))
    socket.once('end', end)
    socket.once('error', end)
    socket.write(Buffer.from(bytes, 'latin1'))
  })
}

/**
 * Settles when the server has closed a connection on which nothing was said: by then it has heard the end of all that came
 * before, and what lingered until then is in its log. nginx without a master does not wait for that when it is stopped.
 */
export function heardOut(port: number): Promise<void> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.end())
    socket.setTimeout(ANSWER_MS, () => socket.destroy())
    socket.on('error', () => {})
    socket.once('close', () => resolve())
    socket.resume()
  })
}
