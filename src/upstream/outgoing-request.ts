// What goes to a worker: the head, with the body behind it, as early as the connection takes it. It opens no
// connection and reads none of the answer.

import { writeSync } from 'node:fs'
import type { ByteStream } from '../socket/byte-stream.ts'
import type { OutgoingBody } from './outgoing-body.ts'

/** After a connection that did not stand at once, so many are made before one is tried again. */
const AGAIN_AFTER = 1000

/** A connection whose connect has begun. */
export interface Begun {
  /** As the kernel numbers it. */
  readonly fd: number
  destroy(error: Error): void
}

/**
 * Whether connections to an upstream stand as soon as they are begun. On the same machine the kernel has done the whole
 * handshake when connect(2) returns, and Node tells of it a turn of the event loop later: long enough for the worker to
 * accept, find nothing to read, and go to sleep again. A little body goes along, in the same packet: some workers look for it
 * there, and read once. A longer one follows while the worker reads the head. Measured with
 * four gunicorn workers that come free together: 1.8 ms between two requests of a worker when the head waits for Node,
 * 1.35 ms when it goes out with the connect.
 */
export class HeadStart {
  #skip = 0

  /** Whether it is tried this time: what does not succeed costs an exception. */
  isDue(): boolean {
    if (this.#skip === 0) return true
    this.#skip--
    return false
  }

  /**
   * Sends at once what the connection takes of it. A connect that has failed by now fails the socket with its own error,
   * which the kernel tells only once.
   * @returns how many bytes; 0: it does not stand yet, or is no more
   */
  send(socket: Begun, bytes: string | Buffer): number {
    const { fd } = socket
    // Windows has none.
    if (fd < 0) return 0
    try {
      return typeof bytes === 'string' ? writeSync(fd, bytes, null, 'latin1') : writeSync(fd, bytes)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN' || code === 'ENOTCONN') this.#skip = AGAIN_AFTER
      else socket.destroy(error as Error)
      return 0
    }
  }
}

export class OutgoingRequest {
  readonly #head: string
  readonly #body: OutgoingBody | null
  #ahead = 0
  /** Of head and body, where a body went along, what the connection did not take. */
  #rest: Buffer | null = null

  /** @param head as it is sent @param body what follows it; null for none */
  constructor(head: string, body: OutgoingBody | null) {
    this.#head = head
    this.#body = body
  }

  /** The method as a worker that speaks HTTP is sent it, which decides how its answer is framed. */
  get method(): string {
    return this.#head.slice(0, this.#head.indexOf(' '))
  }

  /** Bytes that went out with the connect: the socket has not counted them. */
  get ahead(): number {
    return this.#ahead
  }

  /** Sends the head with the connect, and a little body behind it. @returns whether the connection was found to stand */
  sendAhead(socket: Begun, start: HeadStart): boolean {
    // A body that is not read from the client before the worker is there goes with the head once it is.
    if (this.#body?.toCome === true || !start.isDue()) return false
    const body = this.#body?.ahead() ?? null
    if (body === null) this.#ahead = start.send(socket, this.#head)
    else {
      const whole = Buffer.concat([Buffer.from(this.#head, 'latin1'), body])
      this.#ahead = start.send(socket, whole)
      if (this.#ahead > 0) this.#rest = whole.subarray(this.#ahead)
    }
    return this.#ahead > 0
  }

  /** Sends what there is to send. The connection stands. */
  send(socket: ByteStream & { setNoDelay(on: boolean): unknown }): void {
    if (this.#body !== null) {
      // The last piece of a body must not wait for the acknowledgement of the one before.
      socket.setNoDelay(true)
      if (this.#rest !== null) {
        this.#body.sendOn(socket, this.#rest)
        return
      }
    }
    const rest = this.#head.slice(this.#ahead)
    if (this.#body !== null) this.#body.send(socket, rest)
    else if (rest !== '') socket.write(rest, 'latin1')
  }

  /** The worker waits for a rest that will not come. */
  get incomplete(): boolean {
    return this.#body !== null && !this.#body.sent
  }

  /** The rest of the body is not sent. */
  stop(): void {
    this.#body?.stop()
  }
}
