// The barrier between tests and the apps they run: an app that reaches a gate says so and blocks until the
// test lets it go. Works across processes, over a Unix socket, and also shows when an app dies at a gate.

import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { Journal } from './journal.ts'
import { type Owner, temporaryFolder } from './owner.ts'

/** One app standing at a gate. */
export interface Entry {
  readonly key: string
  readonly pid: number
  /** Lets it go on. */
  release(): void
  /** Whether it still stands there. */
  readonly inside: boolean
  /** Settles when it went on, or died. */
  readonly left: Promise<void>
}

export class Gate {
  /** Where apps find it. */
  readonly path: string
  readonly entries = new Journal<Entry>('the gate', entry => `${entry.key} by worker ${entry.pid}`)
  readonly #given = new Set<Entry>()
  readonly #open = new Set<string>()

  constructor(path: string) {
    this.path = path
  }

  /** The next app at the gate of that key, past or to come; each is handed out once. */
  async entered(key: string): Promise<Entry> {
    const fits = (entry: Entry): boolean => entry.key === key && !this.#given.has(entry)
    const entry = await this.entries.find(fits, `an app at the gate ${key}`)
    this.#given.add(entry)
    return entry
  }

  /** Lets everyone through the gate of that key, now and later. */
  open(key: string): void {
    this.#open.add(key)
    for (const entry of this.entries.entries) if (entry.key === key) entry.release()
  }

  /** How many came to gates of that key so far. */
  count(key: string): number {
    return this.entries.entries.filter(entry => entry.key === key).length
  }

  admit(socket: Socket): void {
    let text = ''
    let inside = true
    socket.on('error', () => {})
    const left = new Promise<void>(resolve => {
      socket.on('close', () => {
        inside = false
        resolve()
        this.entries.wake()
      })
    })
    const read = (bytes: Buffer): void => {
      text += bytes.toString('latin1')
      const end = text.indexOf('\n')
      if (end === -1) return
      socket.off('data', read).resume()
      const [pid, ...key] = text.slice(0, end).split(' ')
      const entry = {
        key: key.join(' '),
        pid: Number(pid),
        release: () => void socket.end('go\n'),
        get inside() {
          return inside
        },
        left,
      }
      if (this.#open.has(entry.key)) entry.release()
      this.entries.push(entry)
    }
    socket.on('data', read)
  }
}

/** A gate that is closed with its owner; apps that still stand there go on. */
export async function openGate(owner: Owner): Promise<Gate> {
  const gate = new Gate(join(temporaryFolder(owner), 'gate'))
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    gate.admit(socket)
  })
  await new Promise<void>(resolve => server.listen(gate.path, resolve))
  owner.after(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  return gate
}
