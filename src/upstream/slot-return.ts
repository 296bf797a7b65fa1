// The end of a connection to a worker, once nothing is expected of it any more: our FIN or reset, the wait for
// the worker to hang up, and the slot's return, which is tied to that and to nothing else. It reads no HTTP.

import { soon } from '../afterwards.ts'
import { now, type Timed } from '../clock.ts'
import { type ByteStream, unhear } from '../socket/byte-stream.ts'
import { resetSocket } from '../socket/reset.ts'
import { busyAtMost } from '../worker-timeout.ts'
import type { HeldSlot, WorkerOptions } from './answer-sink.ts'
import { LateClose } from './late-close.ts'
import type { Upstream } from './upstream.ts'

/** For an upstream that was seen never to close its end; and at least, for every other. */
const NEVER_CLOSES_MS = 250
/** What is read and thrown away of an answer under way that nobody wants, before the connection is reset. */
const DISCARD_MS = 1_000
const DISCARD_BYTES = 16 * 1024 * 1024
/** After a reset of ours the worker's next read or write fails; then it is free. */
const AFTER_RESET_MS = 1_000

/**
 * `answered`: the answer is whole; `working`: the worker has sent nothing and may still; `sending`: it is in the
 * middle of an answer that nobody wants; `reset`: we have cut it off; `free`: the slot has been given back.
 */
export type State = 'answered' | 'working' | 'sending' | 'reset' | 'free'

/** What is known of a connection that nothing more is expected of. */
export interface EndingConnection {
  readonly socket: ByteStream
  readonly slot: HeldSlot
  readonly upstream: Upstream
  readonly options: WorkerOptions
  readonly openedAt: number
  /** When the worker was given the request; 0: it never was. */
  readonly sentAt: number
  freed(): void
}

export class SlotReturn implements Timed {
  deadline = 0
  place = -1
  readonly #connection: EndingConnection
  /** When the worker was given the request; its timeout runs from there. */
  readonly #since: number
  #state: State
  #discarded = 0
  #freed = false

  constructor(connection: EndingConnection, state: State) {
    this.#connection = connection
    this.#since = connection.sentAt === 0 ? connection.openedAt : connection.sentAt
    this.#state = state
    this.#begin(state)
  }

  /** Nothing came from the worker since its answer ceased to be wanted: it may yet be lost. */
  get silent(): boolean {
    return this.#state === 'working' && this.#discarded === 0
  }

  #begin(state: State): void {
    const { clock } = this.#connection.options
    switch (state) {
      case 'answered':
        this.#connection.slot.answered = true
        // The worker closes, usually at once. If it does not, our FIN follows after 2 to 4 ms, which frees one that
        // lingers for it (gunicorn 26: up to 2 s); its work after the last byte is still its own to end.
        if (this.#connection.socket.readableEnded) this.#close()
        else {
          clock.set(
            this,
            this.#connection.upstream.neverCloses ? now() + NEVER_CLOSES_MS : this.#workerDeadline(),
          )
          // It may stand still for a client's sake: with bytes unread beyond the answer, no FIN would be heard.
          this.#connection.socket.resume()
          LateClose.of(this.#connection.socket)
        }
        break
      case 'working':
        clock.set(this, this.#workerDeadline())
        this.#connection.socket.resume()
        break
      case 'sending':
        clock.set(this, now() + DISCARD_MS)
        this.#connection.socket.resume()
        break
      case 'reset':
        resetSocket(this.#connection.socket)
        clock.set(this, now() + AFTER_RESET_MS)
        break
      case 'free':
        this.#close()
    }
  }

  /** Bytes that nobody wants. */
  discard(bytes: number): void {
    if (this.#state === 'working') {
      this.#state = 'sending'
      this.#connection.options.clock.set(this, Math.min(this.deadline, now() + DISCARD_MS))
    }
    this.#discarded += bytes
    if (this.#state === 'sending' && this.#discarded > DISCARD_BYTES) this.#reset()
  }

  /** The worker has hung up: the slot is free now, and not only when the loop gets round to telling of the close. */
  workerEnded(): void {
    if (this.#state !== 'answered') {
      this.#close()
      return
    }
    const { upstream, socket } = this.#connection
    upstream.neverCloses = false
    // The close costs as much as the next connect: that one first.
    unhear(socket)
    soon(() => void socket.destroy())
    this.#free()
  }

  /** The socket is closed: after a reset of ours the slot still waits for its moment. */
  closed(): void {
    if (this.#state !== 'reset') this.#free()
  }

  expired(): void {
    switch (this.#state) {
      case 'answered':
        // Our FIN was answered by nothing: it is of the kind that never closes.
        this.#connection.upstream.neverCloses = true
        this.#close()
        break
      case 'working':
        this.#connection.options.warn(
          `a worker of ${this.#connection.upstream.name} did not hang up in time; its slot is given back`,
        )
        this.#close()
        break
      case 'sending':
        this.#reset()
        break
      default:
        this.#free()
    }
  }

  #workerDeadline(): number {
    const allowed = busyAtMost(this.#connection.options.workerTimeout)
    return Math.max(this.#since + allowed, now() + NEVER_CLOSES_MS)
  }

  #reset(): void {
    this.#state = 'reset'
    this.#begin('reset')
  }

  #close(): void {
    this.#connection.socket.destroy()
    this.#free()
  }

  #free(): void {
    if (this.#freed) return
    this.#freed = true
    this.#state = 'free'
    this.#connection.options.clock.clear(this)
    this.#connection.options.freed(this.#connection.upstream, now() - this.#connection.openedAt)
    this.#connection.freed()
    this.#connection.slot.release()
  }
}
