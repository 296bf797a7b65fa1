// What the rooms ask of a connection, be it a plain one of ours (plain-socket.ts) or a stream of Node's, as with TLS; and how
// one becomes its owner. It knows no HTTP.

import type { Duplex } from 'node:stream'
import { NOBODY, PlainSocket, type SocketOwner } from './plain-socket.ts'

export interface ByteStream {
  readonly destroyed: boolean
  /** What the other side sent has all come, and its FIN. */
  readonly readableEnded: boolean
  /** Bytes that were written and have not gone to the kernel. */
  readonly writableLength: number
  /** So many wait that no more should be written until they have gone. */
  readonly writableNeedDrain: boolean
  write(bytes: Uint8Array): boolean
  write(text: string, encoding: 'latin1'): boolean
  /** Keeps what is written until `uncork`, which sends it in one piece. */
  cork(): void
  uncork(): void
  /** FIN, behind all that was written. */
  end(done?: () => void): unknown
  destroy(error?: Error): unknown
  isPaused(): boolean
  pause(): unknown
  resume(): unknown
  /** What was read comes again, before all else. */
  unshift(bytes: Buffer): void
}

/** The kernel's own connection: what is asked of it, whatever is read and written above. */
export interface Connection {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
  readonly bytesRead: number
  readonly bytesWritten: number
}

/** A connection on which nothing stands between. */
export type RawStream = ByteStream & Connection

/** Of Node's streams that have an owner, what was registered for it. */
const owners = new WeakMap<
  ByteStream,
  { readonly event: string; readonly listener: (bytes: Buffer) => void }[]
>()

/** The same connection as a stream of Node's, for those who need one: it is that one from now on, and paused. */
export function asStream(stream: ByteStream): Duplex {
  return stream instanceof PlainSocket ? stream.intoStream() : (stream as Duplex)
}

/** What happens on a connection is this one's to hear from now on, and it is read. */
export function hear(stream: ByteStream, owner: SocketOwner): void {
  if (stream instanceof PlainSocket) {
    stream.owner = owner
    stream.resume()
    return
  }
  const listeners = [
    { event: 'data', listener: (bytes: Buffer) => owner.received(bytes) },
    { event: 'end', listener: () => owner.ended() },
    { event: 'close', listener: () => owner.closed() },
  ]
  const emitter = stream as Duplex
  for (const { event, listener } of listeners) emitter.on(event, listener)
  // A stream that nobody hears fail ends the process.
  if (!owners.has(stream)) emitter.on('error', () => {})
  owners.set(stream, listeners)
}

/** It is nobody's for now, and not read. */
export function unhear(stream: ByteStream): void {
  stream.pause()
  if (stream instanceof PlainSocket) stream.owner = NOBODY
  for (const { event, listener } of owners.get(stream) ?? []) (stream as Duplex).off(event, listener)
}

const NOTHING = Buffer.alloc(0)

/** Calls back, later, when all that was written has gone, or never will. */
export function onceFlushed(stream: ByteStream, done: () => void): void {
  if (stream instanceof PlainSocket) stream.onceFlushed(done)
  // An empty write is called back when all before it has gone; `drain` would not come for few bytes.
  else (stream as Duplex).write(NOTHING, () => done())
}

/**
 * Bytes that were written and wait, exactly: while one large write is under way libuv's queue shrinks, the stream's own
 * count only when it is done. Node's own socket timeout looks at both in the same way.
 */
export function unsent(stream: ByteStream): number {
  if (stream instanceof PlainSocket) return stream.unsent
  const handle = (stream as { _handle?: { writeQueueSize?: number } | null })._handle
  return stream.writableLength + (handle?.writeQueueSize ?? 0)
}
