// The body on its way to a worker: from the spool at the speed the worker reads, with the head in front of the
// first piece. Knows no HTTP but the chunked coding of a body whose length is not known.

import type { Socket } from 'node:net'
import { chunkHeader, LAST_CHUNK } from '../http1/chunked.ts'
import type { Spool, SpoolReader } from '../spool/spool.ts'

const PIECE = 64 * 1024
/** Up to this size head and body go in one write: one system call, one packet. */
const ONE_WRITE = 16 * 1024

export class OutgoingBody {
  /** All of it was given to the socket. */
  sent = false
  readonly #reader: SpoolReader
  readonly #chunked: boolean
  #socket: Socket | null = null
  #stopped = false

  /**
   * @param chunked the length is not known: send it in chunks.
   * @param onReadError the spool could not be read back; the request cannot be completed.
   */
  constructor(spool: Spool, chunked: boolean, onReadError: (detail: string) => void) {
    this.#reader = spool.reader()
    this.#chunked = chunked
    this.#reader.onError = detail => {
      this.stop()
      onReadError(detail)
    }
  }

  /** Begins to send: the head, and what there is of the body. */
  send(socket: Socket, head: string): void {
    this.#socket = socket
    const first = this.#reader.read(PIECE)
    if (first !== null && !this.#chunked && first.length <= ONE_WRITE) {
      const both = Buffer.allocUnsafe(head.length + first.length)
      both.write(head, 0, 'latin1')
      first.copy(both, head.length)
      socket.write(both)
    } else {
      socket.cork()
      socket.write(head, 'latin1')
      if (first !== null) this.#write(first)
      socket.uncork()
    }
    this.#pump()
  }

  #pump = (): void => {
    const socket = this.#socket
    while (!this.#stopped && socket !== null && !socket.destroyed) {
      if (socket.writableNeedDrain) {
        socket.once('drain', this.#pump)
        return
      }
      // What was handed out has gone: the disk may be read into the same memory again.
      if (socket.writableLength === 0) this.#reader.reuse()
      const piece = this.#reader.read(PIECE)
      if (piece === null) {
        if (this.#reader.finished) this.#finish()
        else this.#reader.onReadable = this.#pump
        return
      }
      this.#write(piece)
    }
  }

  #write(piece: Buffer): void {
    const socket = this.#socket!
    if (!this.#chunked) {
      socket.write(piece)
      return
    }
    socket.cork()
    socket.write(chunkHeader(piece.length), 'latin1')
    socket.write(piece)
    socket.write('\r\n', 'latin1')
    socket.uncork()
  }

  #finish(): void {
    this.sent = true
    if (this.#chunked) this.#socket!.write(LAST_CHUNK, 'latin1')
    this.stop()
  }

  /** Sends no more: the answer has begun, or the connection has ended. May be called twice. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#reader.close()
  }
}
