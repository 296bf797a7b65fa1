// One request as a demonstration worker reads it: a head, then as many bytes as Content-Length announces. The
// shield sends nothing else; what else comes is refused. Knows no page.

import type { Socket } from 'node:net'

/** What a worker reads of a request's head. */
export interface Head {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** Bytes of the body. */
  readonly length: number
  /** Whether the client waits for `100 Continue` before it sends the body, as curl does with large ones. */
  readonly expects: boolean
}

/** Why a request is not served. */
export interface Refused {
  readonly status: number
  readonly why: string
}

const HEAD_LIMIT = 65_536
const REQUEST_LINE = /^([!-~]{1,32}) (\/[!-~]*) HTTP\/1\.[01]$/
const FIELD = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/

export class Incoming {
  readonly #pieces: AsyncIterator<Buffer>
  /** What has come beyond the part that was read. */
  #rest: Buffer = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.#pieces = socket.iterator({ destroyOnReturn: false })
  }

  /** The head, or null when the client left before it was whole. */
  async head(): Promise<Head | Refused | null> {
    for (;;) {
      const end = this.#rest.indexOf('\r\n\r\n')
      if (end !== -1) {
        const text = this.#rest.toString('latin1', 0, end)
        this.#rest = this.#rest.subarray(end + 4)
        return readHead(text)
      }
      if (this.#rest.length > HEAD_LIMIT) return { status: 431, why: 'The request head is too large.' }
      const next = await this.#pieces.next()
      if (next.done) return null
      this.#rest = Buffer.concat([this.#rest, next.value])
    }
  }

  /**
   * Reads the body, piece by piece; none of it is kept.
   * @returns false when the client left before it was whole
   */
  async body(length: number, take: (piece: Buffer) => void): Promise<boolean> {
    let left = length
    while (left > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#pieces.next()
        if (next.done) return false
        this.#rest = next.value
      }
      const piece = this.#rest.subarray(0, left)
      this.#rest = this.#rest.subarray(piece.length)
      left -= piece.length
      take(piece)
    }
    return true
  }

  /** Throws away what still comes; settles when the client has ended its side. */
  async rest(): Promise<void> {
    while (!(await this.#pieces.next()).done);
  }
}

function readHead(text: string): Head | Refused {
  const [first = '', ...lines] = text.split('\r\n')
  const request = REQUEST_LINE.exec(first)
  if (request === null) return { status: 400, why: 'The request line is not one of HTTP/1.1.' }
  let length = 0
  let expects = false
  for (const line of lines) {
    const field = FIELD.exec(line)
    if (field === null) return { status: 400, why: 'A header field is malformed.' }
    const name = field[1]!.toLowerCase()
    const value = field[2]!
    if (name === 'transfer-encoding')
      return { status: 411, why: 'This worker takes bodies with Content-Length only.' }
    if (name === 'expect') expects = value.toLowerCase() === '100-continue'
    if (name === 'content-length') {
      if (!/^\d{1,15}$/.test(value)) return { status: 400, why: 'Content-Length is not a number.' }
      length = Number(value)
    }
  }
  const target = request[2]!
  const mark = target.indexOf('?')
  return {
    method: request[1]!,
    path: mark === -1 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1)),
    length,
    expects,
  }
}
