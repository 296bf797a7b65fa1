// Ports for servers that must come back at the same address, or where nobody may listen: below the range
// that the kernel gives to outgoing connections, so that none of those can be sitting there.

import { createServer } from 'node:net'

const first = 12_000
const count = 6_000

// Each process begins elsewhere and gives no port twice: whoever was given one may need it only later, and what runs beside
// it, or comes after it in the same test, must not get the same by chance.
let next = (process.pid * 97) % count

/** A loopback port nobody listens on now, and that nobody else in this process is given. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + next
    next = (next + 1) % count
    if (await canListen(port)) return port
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
