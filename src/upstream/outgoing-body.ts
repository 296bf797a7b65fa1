// The body on its way to a worker: from the spool at the speed the worker reads, with the head in front of the
// first piece. Knows no HTTP but the chunked coding of a body whose length is not known; where another protocol marks its
// pieces, that says how.

import { chunkHeader, LAST_CHUNK } from '../http1/chunked.ts'
import { type ByteStream, onceFlushed } from '../socket/byte-stream.ts'
import type { Spool, SpoolReader } from '../spool/spool.ts'
import type { BodyCoding } from './dialect.ts'

const PIECE = 64 * 1024
/** Up to this size head and body go in one write: one system call, one packet. */
const ONE_WRITE = 16 * 1024

/** The length is not known: HTTP's chunks. */
export const CHUNKED: BodyCoding = {
  most: PIECE,
  before: chunkHeader,
  after: () => '\r\n',
  last: LAST_CHUNK,
}

export class OutgoingBody {
  /** All of it was given to the socket. */
  sent = false
  readonly #spool: Spool
  #reader: SpoolReader | null = null
  readonly #coding: BodyCoding | null
  #socket: ByteStream | null = null
  #stopped = false
  /** It is about to look what has come. */
  #due = false
  /** Bytes of the spool that `ahead()` gave out, and whether they were all there is. */
  #given = 0
  #givenAll = false
  readonly #waits: (forWhom: 'worker' | 'bytes') => void
  readonly #onReadError: (detail: string) => void

  /**
   * @param coding how pieces are marked; null: they are sent as they are.
   * @param waits told at each pause who is waited for: the worker to take bytes, or bytes to come (from the client, or
   *   back from the disk); and, once all is sent, the worker again, to answer.
   * @param onReadError the spool could not be read back; the request cannot be completed.
   */
  constructor(
    spool: Spool,
    coding: BodyCoding | null,
    waits: (forWhom: 'worker' | 'bytes') => void,
    onReadError: (detail: string) => void,
  ) {
    this.#spool = spool
    this.#coding = coding
    this.#waits = waits
    this.#onReadError = onReadError
  }

  /** Nothing of it has come yet; what has may be waiting to be read once the connection stands. */
  get toCome(): boolean {
    return this.#spool.size === 0 && !this.#spool.ended
  }

  /**
   * What may go out with the connect behind the head: all that has come so far, as it goes over, where it is little and in
   * memory; null: much, or nothing. The spool stays unread, for the next attempt if this connect should fail.
   */
  ahead(): Buffer | null {
    const spool = this.#spool
    const coding = this.#coding
    if (spool.dead || spool.size > ONE_WRITE) return null
    const pieces: Buffer[] = []
    let length = 0
    while (length < spool.size) {
      const piece = spool.peek(length, spool.size - length)
      if (piece === null) return null
      pieces.push(piece)
      length += piece.length
    }
    if (coding !== null) {
      if (length > 0) {
        pieces.unshift(Buffer.from(coding.before(length), 'latin1'))
        pieces.push(Buffer.from(coding.after(length), 'latin1'))
      }
      if (spool.ended) pieces.push(Buffer.from(coding.last, 'latin1'))
    }
    this.#given = length
    this.#givenAll = spool.ended
    return pieces.length === 0 ? null : Buffer.concat(pieces)
  }

  /** Goes on where `ahead()` ended, in the same turn of the event loop. @param rest what the connection did not take of it */
  sendOn(socket: ByteStream, rest: Buffer): void {
    const reader = this.#open(socket)
    if (rest.length > 0) socket.write(rest)
    while (reader.at < this.#given && reader.read(this.#given - reader.at) !== null);
    if (this.#givenAll) this.#over()
    else this.#pump()
  }

  /** Begins to send: the head, or what is still to be sent of it, and what there is of the body. */
  send(socket: ByteStream, head: string): void {
    const reader = this.#open(socket)
    if (this.#coding !== null) {
      // One packet, where it fits: the end goes along where it is here already.
      socket.cork()
      if (head !== '') socket.write(head, 'latin1')
      this.#pump()
      socket.uncork()
      return
    }
    const first = reader.read(PIECE)
    if (head !== '' && first !== null && first.length <= ONE_WRITE) {
      const both = Buffer.allocUnsafe(head.length + first.length)
      both.write(head, 0, 'latin1')
      first.copy(both, head.length)
      socket.write(both)
    } else {
      socket.cork()
      if (head !== '') socket.write(head, 'latin1')
      if (first !== null) socket.write(first)
      socket.uncork()
    }
    this.#pump()
  }

  // Not before the connection stands: a connect that fails leaves the spool unread, for the next attempt.
  #open(socket: ByteStream): SpoolReader {
    const reader = this.#spool.reader()
    this.#reader = reader
    this.#socket = socket
    reader.onError = detail => {
      this.stop()
      this.#onReadError(detail)
    }
    return reader
  }

  #pump = (): void => {
    const socket = this.#socket!
    const reader = this.#reader!
    while (!this.#stopped && !socket.destroyed) {
      if (socket.writableNeedDrain) {
        this.#waits('worker')
        onceFlushed(socket, this.#pump)
        return
      }
      // What was handed out has gone: the disk may be read into the same memory again.
      if (socket.writableLength === 0) reader.reuse()
      const piece = reader.read(this.#coding?.most ?? PIECE)
      if (piece !== null) this.#write(piece)
      else {
        if (reader.finished) this.#finish()
        else {
          this.#waits('bytes')
          reader.onReadable = this.#coding === null ? this.#pump : this.#pumpSoon
        }
        return
      }
    }
  }

  // What the client sent in one piece goes on in one, with the end of the body if that was in it.
  #pumpSoon = (): void => {
    if (this.#due) return
    this.#due = true
    process.nextTick(() => {
      this.#due = false
      this.#socket!.cork()
      this.#pump()
      this.#socket!.uncork()
    })
  }

  #write(piece: Buffer): void {
    const socket = this.#socket!
    const coding = this.#coding
    if (coding === null) {
      socket.write(piece)
      return
    }
    const pieces = [piece]
    let length = piece.length
    while (length < coding.most) {
      const more = this.#reader!.read(coding.most - length)
      if (more === null) break
      pieces.push(more)
      length += more.length
    }
    socket.cork()
    socket.write(coding.before(length), 'latin1')
    for (const each of pieces) socket.write(each)
    const after = coding.after(length)
    if (after !== '') socket.write(after, 'latin1')
    socket.uncork()
  }

  #finish(): void {
    if (this.#coding !== null) this.#socket!.write(this.#coding.last, 'latin1')
    this.#over()
  }

  #over(): void {
    this.sent = true
    this.#waits('worker')
    this.stop()
  }

  /** Sends no more: the answer has begun, or the connection has ended. May be called twice. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#reader?.close()
  }
}
