// Ports for servers that must come back at the same address, or where nobody may listen: below the range
// that the kernel gives to outgoing connections, so that none of those can be sitting there.

import { createServer } from 'node:net'

const first = 12_000
const last = 17_999

/** A loopback port nobody listens on now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + Math.floor(Math.random() * (last - first))
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
