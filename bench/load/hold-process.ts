// A process of its own that opens many connections, asks once on each, and then keeps them: their descriptors must
// not be the bench's own. Sends a message with how many stand, and holds them until it is ended.
// Arguments: port, connections.

import { Connection } from './connection.ts'

const [port, count] = process.argv.slice(2).map(Number) as [number, number]
const held: Connection[] = []
let opened = 0

async function opener(): Promise<void> {
  while (opened < count) {
    opened++
    const connection = new Connection(port)
    const answer = await connection.ask({ target: '/', deadline: 10_000 }).catch(() => null)
    if (answer?.status === 200 && connection.usable) held.push(connection)
  }
}

await Promise.all(Array.from({ length: 32 }, opener))
process.send?.({ held: held.length })
