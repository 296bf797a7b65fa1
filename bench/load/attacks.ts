// Clients that mean harm: many connections that keep something half done for as long as they are let. Each opens again
// when it is closed, with a breath between, and none is ever done.

import { connect, type Socket } from 'node:net'
import type { Load } from './loops.ts'

export type Attack = 'header' | 'body' | 'read'

/** Milliseconds between two pieces, all attackers together on one clock. */
const beat = 1000

/** Beyond what two kernels' buffers take of an answer that nobody reads (4 MB at most, tcp(7)). */
const answer = 6_000_000

const opening: Record<Attack, (number: number) => string> = {
  header: () => 'GET /work HTTP/1.1\r\nHost: app.example\r\n',
  body: () => 'POST /work HTTP/1.1\r\nHost: app.example\r\nContent-Length: 1000000\r\n\r\n',
  read: number => `GET /big?size=${answer}&id=${number} HTTP/1.1\r\nHost: app.example\r\n\r\n`,
}

/**
 * So many attackers. `header` sends a field a second and never ends, `body` a few bytes a second of a megabyte,
 * `read` asks for six and takes a kilobyte a second of them. Settles when all have connected once.
 */
export async function attackers(port: number, attack: Attack, count: number): Promise<Load> {
  const open = new Set<Socket>()
  let running = true
  let turn = 0
  const begin = (number: number): Promise<void> =>
    new Promise(settled => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      const [line, rest] = split(opening[attack](number))
      open.add(socket)
      socket.on('connect', () => {
        socket.write(`${line}X-Forwarded-For: 192.0.2.${number % 250}\r\n${rest}`)
        settled()
      })
      // What is read is thrown away; a reader takes one piece a beat.
      socket.on('data', () => attack === 'read' && socket.pause())
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        settled()
        if (running) setTimeout(() => running && void begin(number), 500).unref()
      })
    })
  await Promise.all(Array.from({ length: count }, (_, number) => begin(number)))
  const timer = setInterval(() => {
    turn++
    for (const socket of open) {
      if (attack === 'read') socket.read(1024)
      else if (socket.writable) socket.write(attack === 'header' ? `X-${turn}: y\r\n` : 'drip')
    }
  }, beat)
  return {
    stop: async () => {
      running = false
      clearInterval(timer)
      for (const socket of open) socket.destroy()
    },
  }
}

/** The request line, and what follows it. */
function split(text: string): [line: string, rest: string] {
  const end = text.indexOf('\r\n') + 2
  return [text.slice(0, end), text.slice(end)]
}
