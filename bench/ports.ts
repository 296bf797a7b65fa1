// Free loopback ports below the ephemeral range, so that no outgoing connection of a measured proxy can be
// sitting on the port the next one wants. A port is given out once in a run.

import { createServer } from 'node:net'

const first = 18_000
const last = 28_000
let next = first + Math.floor(Math.random() * (last - first))

/** A port nobody listens on now. Throws when none is left. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < last - first; tries++) {
    next = next >= last ? first : next + 1
    if (await canListen(next)) return next
  }
  throw new Error(`no free port between ${first} and ${last}`)
}

function canListen(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
