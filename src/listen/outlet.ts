// What goes out on an edge connection: written at once where the kernel takes it, and watched where it does not.
// Knows no message; counts bytes for the exchange under way.

import type { Clock } from '../clock.ts'
import { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import { resetSocket } from '../socket/reset.ts'
import type { AcceptedConnection } from './accepted-connection.ts'
import { Backlog } from './backlog.ts'

export class Outlet {
  /** Called once when bytes that were held back have all gone to the kernel, or never will. */
  onWritable: (() => void) | null = null
  /** Whose bytes these are. */
  exchange: Exchange | null = null
  readonly #clock: Clock
  readonly #of: AcceptedConnection
  #backlog: Backlog | null = null

  constructor(clock: Clock, of: AcceptedConnection) {
    this.#clock = clock
    this.#of = of
  }

  /** Whether all that was written has gone to the kernel, or never will. */
  get flushed(): boolean {
    const { socket } = this.#of
    return socket.writableLength === 0 || socket.destroyed
  }

  /**
   * Sends bytes, which must not change afterwards. Returns false when the client does not keep up: then write no
   * more until `onWritable`.
   */
  write(bytes: Buffer | string): boolean {
    const { socket } = this.#of
    if (socket.destroyed) return true
    if (typeof bytes === 'string') socket.write(bytes, 'latin1')
    else socket.write(bytes)
    if (this.exchange !== null) this.exchange.bytesOut += bytes.length
    if (socket.writableLength === 0) return true
    this.#backlog ??= this.#watch()
    return false
  }

  /** Tells whoever waits that there is nothing to wait for any more. */
  wake(): void {
    const wake = this.onWritable
    this.onWritable = null
    wake?.()
  }

  #watch(): Backlog {
    const clock = this.#clock
    const { socket, raw } = this.#of
    const { sendTimeout } = this.#of.limits
    const gone = () => {
      this.#backlog = null
      // Of one that has closed nothing went: whoever owns it is told so, before anybody takes this for the end.
      if (!socket.destroyed) this.wake()
    }
    const stalled = (bytes: number) => {
      const detail = `the client read nothing for ${sendTimeout} ms; ${bytes} bytes wait for it`
      this.exchange?.leave(new Failure('send_timeout', detail))
      resetSocket(raw)
      socket.destroy()
    }
    return new Backlog({ clock, socket, sendTimeout, gone, stalled })
  }
}
