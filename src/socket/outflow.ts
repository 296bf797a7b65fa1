// The way out of a connection: what is written goes to the kernel at once, or waits in libuv; in the end FIN. Reads nothing.

import { type Handle, type Handles, handles, type ShutdownRequest, type WriteRequest } from './handles.ts'

const ENOTCONN = -107
/** What a shutdown that needs no waiting answers. */
const ALREADY = 1

/** Where there are no handles, there is none of these connections either. */
const { Write, Shutdown, state, WRITE_WAITS } = handles ?? ({} as Handles)

const NONE: (() => void)[] = []

/** As long as all that is written goes to the kernel at once, Node does not look at the request: one serves for all. */
let unused: WriteRequest | null = null

export abstract class Outflow {
  destroyed = false
  /** What waits is counted, too. */
  bytesWritten = 0
  protected readonly handle: Handle
  /** It does not stand yet: what is written waits, there is nothing to read, and FIN would be lost (libuv). */
  protected connecting = false
  /** Our FIN is sent. */
  protected finished = false
  #finishes = false
  /** Of what was written, what the kernel has not taken yet, in bytes: of a write that is under way all. */
  #waiting = 0
  #corked: Uint8Array[] | null = null
  #onFlushed: (() => void)[] = NONE
  #onFinished: (() => void)[] = NONE

  constructor(handle: Handle) {
    this.handle = handle
  }

  /** It has failed; nothing of it is of use any more. @param error an errno below zero @param where the address that it is about */
  abstract fail(error: number, syscall: string, where?: string): void

  /** Our half has ended: with the other, the connection has. */
  protected abstract halfEnded(): void

  /** Bytes that were written and that the kernel has not taken yet; of a large piece that is under way, all. */
  get writableLength(): number {
    return this.#waiting
  }

  /** The same, exactly. */
  get unsent(): number {
    return this.destroyed ? 0 : this.handle.writeQueueSize
  }

  get writableNeedDrain(): boolean {
    return this.#waiting > 0
  }

  /** Sends bytes, which must not change while they wait; a text's characters are bytes. False: they wait. */
  write(bytes: Uint8Array | string, _encoding: 'latin1' = 'latin1'): boolean {
    const { length } = bytes
    if (length === 0 || this.#finishes || this.destroyed) return true
    this.bytesWritten += length
    if (this.#corked !== null) {
      this.#corked.push(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
      return true
    }
    unused ??= new Write()
    const error =
      typeof bytes === 'string'
        ? this.handle.writeLatin1String(unused, bytes)
        : this.handle.writeBuffer(unused, bytes)
    return this.#afterWrite(unused, error, bytes, length)
  }

  /** Keeps what is written until `uncork`, which sends it in one piece. */
  cork(): void {
    this.#corked ??= []
  }

  uncork(): void {
    const pieces = this.#corked
    this.#corked = null
    if (pieces === null || pieces.length === 0 || this.destroyed) return
    let length = 0
    for (const piece of pieces) length += piece.length
    unused ??= new Write()
    this.#afterWrite(unused, this.handle.writev(unused, pieces, true), pieces, length)
  }

  #afterWrite(request: WriteRequest, error: number, bytes: unknown, length: number): boolean {
    if (error !== 0) {
      // Later, when whoever writes is not in the middle of it any more. Until then it has not gone.
      this.#waiting += length
      process.nextTick(fail, this, error)
      return false
    }
    if (state[WRITE_WAITS] === 0) return true
    unused = null
    request.owner = this
    request.oncomplete = onWritten
    request.bytes = bytes
    request.length = length
    this.#waiting += length
    return false
  }

  /** The handle's: what waited has gone, or has not. */
  written(length: number, error: number): void {
    if (this.destroyed) return
    this.#waiting -= length
    if (error !== 0) this.fail(error, 'write')
    else if (this.#waiting === 0) this.#flushed()
  }

  #flushed(): void {
    const all = this.#onFlushed
    this.#onFlushed = NONE
    for (const done of all) done()
  }

  /** Calls back, later, when all that was written has gone, or never will. */
  onceFlushed(done: () => void): void {
    if (this.#waiting === 0 || this.destroyed) process.nextTick(done)
    else this.#onFlushed = [...this.#onFlushed, done]
  }

  /** FIN, behind all that was written. @param done it is sent, or never will be */
  end(done?: () => void): void {
    if (done !== undefined) {
      if (this.finished || this.destroyed) process.nextTick(done)
      else this.#onFinished = [...this.#onFinished, done]
    }
    if (this.#finishes || this.destroyed) return
    this.#finishes = true
    if (!this.connecting) this.#shutDown()
  }

  /** It does, now. */
  protected stands(): void {
    this.connecting = false
    if (this.#finishes) this.#shutDown()
  }

  #shutDown(): void {
    const request = new Shutdown()
    request.owner = this
    request.oncomplete = onShutDown
    const error = this.handle.shutdown(request)
    if (error !== 0) process.nextTick(shutDown, this, error === ALREADY ? 0 : error)
  }

  /** A FIN that is on its way: the connection cannot be reset meanwhile. */
  protected get finishing(): boolean {
    return this.#finishes && !this.finished
  }

  /** The handle's. */
  shutDown(error: number): void {
    if (this.destroyed) return
    // Without a connection there is nothing to end: whoever reads is told.
    if (error !== 0 && error !== ENOTCONN) {
      this.fail(error, 'shutdown')
      return
    }
    this.finished = true
    this.#toldFinished()
    this.halfEnded()
  }

  #toldFinished(): void {
    const all = this.#onFinished
    this.#onFinished = NONE
    for (const done of all) done()
  }

  /** Somebody is to be called back. */
  protected get awaited(): boolean {
    return this.#onFlushed !== NONE || this.#onFinished !== NONE
  }

  /** Nothing that waits will go any more. */
  protected settle(): void {
    this.#waiting = 0
    this.#flushed()
    this.#toldFinished()
  }
}

// Shared by all, as closures for each would be allocations for each.
function onWritten(this: WriteRequest, error: number): void {
  ;(this.owner as Outflow).written(this.length, error)
}

function onShutDown(this: ShutdownRequest, error: number): void {
  ;(this.owner as Outflow).shutDown(error)
}

function fail(flow: Outflow, error: number): void {
  flow.fail(error, 'write')
}

function shutDown(flow: Outflow, error: number): void {
  flow.shutDown(error)
}
