// A connection without TLS, from the edge or to a worker, on Node's own object for it: what comes is lent to its owner as it
// comes, what is sent goes to the kernel at once (outflow.ts). It has the words of Node's sockets where it does what they do,
// and none of their streams, events and ticks. It knows no HTTP.
//
// Those cost a request over two such connections 30 of its 130 µs under load, and 250 of 680 where it comes after a pause and
// finds all caches cold (docs/decisions/0014).

import net from 'node:net'
import { getSystemErrorName } from 'node:util'
import { type End, type Handle, type Handles, handles } from './handles.ts'
import { borrowPiece, lendingBuffer, lendPiece, lent, PIECE, returnPiece } from './lent.ts'
import { Outflow } from './outflow.ts'
import { StreamOfHandle } from './stream-of-handle.ts'

/** Who is told what happens to a connection. */
export interface SocketOwner {
  /** The bytes are the owner's until it returns: they lie in memory that the next read overwrites. */
  received(bytes: Buffer): void
  /** The other side's FIN. */
  ended(): void
  /** `closed` follows. */
  failed?(error: NodeJS.ErrnoException): void
  /** The last call. */
  closed(): void
}

export const NOBODY: SocketOwner = { received: () => {}, ended: () => {}, closed: () => {} }

/** What a read says at the other side's FIN. */
const EOF = -4095

const { state, READ } = handles ?? ({} as Handles)

export class PlainSocket extends Outflow {
  owner: SocketOwner = NOBODY
  /** The other side's FIN has come. */
  readableEnded = false
  bytesRead = 0
  #reading = false
  #putBack: Buffer | null = null
  /** What it reads into while its reads come full; null: what all share. */
  #piece: Buffer | null = null
  #far: End | null = null
  #near: End | null = null

  /** @param handle of a connection that stands, or will */
  constructor(handle: Handle) {
    super(handle)
    handle.owner = this
    handle.onread = onRead
    handle.useUserBuffer(lendingBuffer)
  }

  // — reading

  isPaused(): boolean {
    return !this.#reading
  }

  /** Reads no further: what comes stays in the kernel. */
  pause(): void {
    if (!this.#reading) return
    this.#reading = false
    if (!this.destroyed && !this.connecting && !this.readableEnded) this.handle.readStop()
  }

  resume(): void {
    if (this.#reading) return
    this.#reading = true
    if (this.#putBack === null) this.read()
    else process.nextTick(giveAgain, this)
  }

  /** Once it stands. */
  protected read(): void {
    if (this.#reading && !this.destroyed && !this.connecting && !this.readableEnded) this.handle.readStart()
  }

  /** The owner gets these bytes again, or the next one does, before all others. It must be paused. */
  unshift(bytes: Buffer): void {
    this.#putBack = bytes
  }

  /** What was put back. */
  giveAgain(): void {
    const bytes = this.#putBack
    if (bytes === null || !this.#reading) return
    this.#putBack = null
    if (!this.destroyed) this.owner.received(bytes)
    this.read()
  }

  /**
   * The handle's.
   * @param count so many bytes came, or an errno below zero
   * @returns what is to be read into from now on, if that is another
   */
  came(count: number): Uint8Array | undefined {
    if (count > 0) {
      this.bytesRead += count
      if (count === PIECE || this.#piece !== null) return this.#cameMuch(count)
      this.owner.received(lent(count))
    } else if (count === EOF) {
      this.readableEnded = true
      this.owner.ended()
      this.halfEnded()
    } else if (count < 0) this.fail(count, 'read')
    return undefined
  }

  // Behind a read that came full there is more: until one does not, it goes to memory that need not be copied.
  #cameMuch(count: number): Uint8Array | undefined {
    const piece = this.#piece
    if (piece === null) this.owner.received(lent(count))
    const taken = piece !== null && lendPiece(piece, count, this.owner)
    const full = count === PIECE
    if (this.destroyed || (piece !== null && full && !taken)) return undefined
    this.#leavePiece(taken ? null : piece)
    if (full) this.#piece = borrowPiece()
    return this.#piece ?? lendingBuffer
  }

  #leavePiece(unused: Buffer | null): void {
    if (this.#piece !== null) returnPiece(unused)
    this.#piece = null
  }

  // — the end

  protected override halfEnded(): void {
    if (this.readableEnded && this.finished) this.destroy()
  }

  override fail(error: number, syscall: string, where = ''): void {
    const code = getSystemErrorName(error)
    const words = `${syscall} ${code} ${where}`.trimEnd()
    this.destroy(Object.assign(new Error(words), { errno: error, code, syscall }))
  }

  /** The last moment at which its descriptor is there. */
  protected closing(_error: NodeJS.ErrnoException | null): void {}

  /** Closes it at once; the owner is told a little later. */
  destroy(error: NodeJS.ErrnoException | null = null): void {
    if (this.destroyed) return
    this.closing(error)
    this.#gone(error)
    this.handle.close()
  }

  /** The same with a reset, where there is such a thing: what is unsent is dropped, the other side's next read fails. */
  resetAndDestroy(): void {
    if (this.destroyed) return
    const { reset } = this.handle
    const resets = reset !== undefined && !this.finishing && !this.connecting
    this.#gone(null)
    if (!resets || reset.call(this.handle) !== 0) this.handle.close()
  }

  #gone(error: NodeJS.ErrnoException | null): void {
    this.destroyed = true
    // From within a read somebody may look at it, or have it.
    this.#leavePiece(null)
    if (this.owner !== NOBODY || this.awaited) process.nextTick(tellGone, this, error)
  }

  /** The last thing that it tells. */
  tellGone(error: NodeJS.ErrnoException | null): void {
    this.settle()
    if (error !== null) this.owner.failed?.(error)
    this.owner.closed()
    this.owner = NOBODY
  }

  /**
   * A stream of Node's over the same connection, for those who need one. Whoever held this holds that one now; it is
   * paused, and nobody is told anything any more by this.
   */
  intoStream(): net.Socket {
    this.pause()
    this.owner = NOBODY
    const gone = this.destroyed
    this.destroyed = true
    this.#leavePiece(null)
    if (gone) return new net.Socket().destroy()
    const stream = new StreamOfHandle(this.handle)
    if (this.#putBack !== null) stream.unshift(this.#putBack)
    return stream
  }

  // — what it is

  /** As the kernel numbers it; below 0: it has none any more, or this system knows no such numbers. */
  get fd(): number {
    return this.handle.fd
  }

  /** Sends each write at once, however little it is. */
  setNoDelay(on: boolean): void {
    if (!this.destroyed) this.handle.setNoDelay?.(on)
  }

  // A connection that has closed does not know any more where it was.
  get #farEnd(): End {
    return (this.#far ??= ask(this.handle, this.handle.getpeername))
  }

  get #nearEnd(): End {
    return (this.#near ??= ask(this.handle, this.handle.getsockname))
  }

  get remoteAddress(): string | undefined {
    return this.#farEnd.address
  }

  get remotePort(): number | undefined {
    return this.#farEnd.port
  }

  get localAddress(): string | undefined {
    return this.#nearEnd.address
  }

  get localPort(): number | undefined {
    return this.#nearEnd.port
  }
}

function ask(handle: Handle, what: ((out: End) => number) | undefined): End {
  const end: End = {}
  return what?.call(handle, end) === 0 ? end : {}
}

// Shared by all, as closures for each would be allocations for each.
function onRead(this: Handle): Uint8Array | undefined {
  return (this.owner as PlainSocket).came(state[READ]!)
}

function giveAgain(socket: PlainSocket): void {
  socket.giveAgain()
}

function tellGone(socket: PlainSocket, error: NodeJS.ErrnoException | null): void {
  socket.tellGone(error)
}
