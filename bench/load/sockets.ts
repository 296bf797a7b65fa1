// WebSockets that open, say something, hear it back, and close: one after the other, for as long as wanted.

import { connect } from 'node:net'
import type { Load } from './loops.ts'
import type { Tally } from './tally.ts'

const request = [
  'GET /socket HTTP/1.1',
  'Host: app.example',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n')
/** A masked text frame; the app sends back bytes as they come. */
const frame = Buffer.from([0x81, 0x84, 1, 2, 3, 4, 0x71, 0x6b, 0x6d, 0x63])

/** One client at a time. A socket counts as right when its frame came back within ten seconds. */
export function sockets(port: number, tally: Tally): Load {
  let running = true
  const loop = async (): Promise<void> => {
    while (running) {
      const sent = performance.now()
      const right = await once(port)
      tally.add({
        at: performance.now(),
        sent,
        kind: 'socket',
        outcome: right ? 'ok' : 'wrong',
        status: right ? 101 : 0,
      })
      await new Promise(resolve => setTimeout(resolve, 500))
    }
  }
  const ended = loop()
  return {
    stop: () => {
      running = false
      return ended
    },
  }
}

function once(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let got = Buffer.alloc(0)
    const end = (right: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(right)
    }
    const timer = setTimeout(() => end(false), 10_000)
    socket.write(request)
    socket.on('data', (data: Buffer) => {
      const upgraded = got.includes('\r\n\r\n')
      got = Buffer.concat([got, data])
      if (!upgraded && got.includes('\r\n\r\n')) socket.write(frame)
      if (got.includes(frame)) end(got.toString('latin1').startsWith('HTTP/1.1 101 '))
    })
    socket.on('error', () => {})
    socket.on('close', () => end(false))
  })
}
