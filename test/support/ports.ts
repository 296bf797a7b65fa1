// Ports for servers that must come back at the same address, or where nobody may listen: below the range
// that the kernel gives to outgoing connections, so that none of those can be sitting there.

import { createServer } from 'node:net'

const first = 12_000
const size = 50
const blocks = 120

// A port may be needed long after it was given. So each process has blocks of its own for as long as it lives, and gives no
// port twice: neither what runs beside it, nor what comes after it in the same test, gets the same by chance.
let block = process.pid % blocks
let given = size
let last: Promise<unknown> = Promise.resolve()

/** A loopback port nobody listens on now, and that nobody else is given while this process lives. */
export function freePort(): Promise<number> {
  const port = last.then(find)
  last = port.catch(() => {})
  return port
}

async function find(): Promise<number> {
  for (;;) {
    if (given === size) await claimBlock()
    const port = first + block * size + given++
    if (await canListen({ port, host: '127.0.0.1' })) return port
  }
}

async function claimBlock(): Promise<void> {
  for (let tries = 0; tries < blocks; tries++) {
    block = (block + 1) % blocks
    // The kernel forgets such a name with the process; other systems have none.
    const path = `\0shieldproxy-test-ports-${block}`
    if (process.platform === 'linux' && !(await canListen({ path }, true))) continue
    given = 0
    return
  }
  throw new Error(`all ports between ${first} and ${first + size * blocks} are given to tests that run`)
}

/** @param keep listens from now on, until the process ends */
function canListen(where: { port: number; host: string } | { path: string }, keep = false): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(where, () => {
      if (keep) resolve(server.unref().listening)
      else server.close(() => resolve(true))
    })
  })
}
