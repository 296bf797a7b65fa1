// Debian's memcached on a port of its own, for as long as a test runs.

import { spawn } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { Journal } from './journal.ts'
import type { Owner } from './owner.ts'
import { freePort } from './ports.ts'
import { findProgram } from './servers.ts'

export interface Memcached {
  readonly port: number
  /** Puts a value there for good. */
  set(key: string, value: string | Buffer, flags?: number): Promise<void>
  /** Ends it; it can be started again at the same port. */
  stop(): Promise<void>
}

export async function startMemcached(owner: Owner, at?: number): Promise<Memcached> {
  const port = at ?? (await freePort())
  const words = ['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '16', '-t', '1', '-vv']
  // It does not run as root.
  if (process.getuid?.() === 0) words.push('-u', 'nobody')
  const child = spawn(findProgram('memcached')!, words, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  const stop = async () => {
    if (child.exitCode === null) child.kill('SIGKILL')
    await ended
  }
  owner.after(stop)
  const said = new Journal<string>('memcached')
  createInterface({ input: child.stderr })
    .on('line', line => said.push(line))
    .on('close', () => said.close('it has ended'))
  await said.find(line => line.includes('server listening'), 'its listener')
  return { port, stop, set: (key, value, flags = 0) => set(port, key, Buffer.from(value), flags) }
}

function opened(port: number): Promise<Socket | null> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.once('error', () => resolve(null))
  })
}

async function set(port: number, key: string, value: Buffer, flags: number): Promise<void> {
  const socket = await opened(port)
  if (socket === null) throw new Error('memcached does not listen')
  const said = new Promise<string>(resolve => socket.once('data', text => resolve(text.toString())))
  socket.write(
    Buffer.concat([Buffer.from(`set ${key} ${flags} 0 ${value.length}\r\n`), value, Buffer.from('\r\n')]),
  )
  if ((await said) !== 'STORED\r\n') throw new Error(`memcached does not store ${key}: ${await said}`)
  socket.destroy()
}
