// Reads one HTTP/1.1 answer from a byte stream, for the load clients. It trusts the answer's syntax (the proxies
// are under test elsewhere) and counts bytes instead of keeping them, unless asked.

const headEnd = Buffer.from('\r\n\r\n')

export class AnswerReader {
  status = 0
  head = ''
  /** Bytes of body so far, coding removed. */
  bytes = 0
  done = false
  /** The connection cannot carry another request. */
  closes = false
  readonly #method: string
  readonly #keep: boolean
  readonly #pieces: Buffer[] = []
  #buffer: Buffer | null = null
  #left = -1
  #chunked = false
  /** Where a chunked body stands: a size line, a chunk, the line end after it, the trailers. */
  #at: 'size' | 'data' | 'after' | 'trailer' = 'size'

  constructor(method: string, keep: boolean) {
    this.#method = method
    this.#keep = keep
  }

  get body(): Buffer {
    return Buffer.concat(this.#pieces)
  }

  push(chunk: Buffer): void {
    let data = chunk
    while (this.status === 0) {
      data = this.#buffer === null ? data : Buffer.concat([this.#buffer, data])
      this.#buffer = null
      const end = data.indexOf(headEnd)
      if (end < 0) {
        if (data.length > 65_536) throw new Error('a head of more than 64 KB')
        this.#buffer = data
        return
      }
      this.#readHead(data.toString('latin1', 0, end))
      data = data.subarray(end + 4)
    }
    if (this.#chunked) this.#pushChunked(data)
    else this.#take(data)
  }

  /** The server's FIN. Returns whether the answer is whole now. */
  end(): boolean {
    if (!this.done && this.status !== 0 && !this.#chunked && this.#left < 0) this.done = true
    return this.done
  }

  #readHead(head: string): void {
    const match = /^HTTP\/1\.([01]) (\d{3})/.exec(head)
    if (match === null) throw new Error(`not an answer: ${JSON.stringify(head.slice(0, 40))}`)
    const status = Number(match[2])
    if (status < 200 && status !== 101) return
    this.head = head
    this.status = status
    this.closes = match[1] === '0' || /\r\nconnection: *close/i.test(head)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)
    if (this.#method === 'HEAD' || status === 204 || status === 304) this.#left = 0
    else if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.#chunked = true
    else if (length !== null) this.#left = Number(length[1])
    else this.closes = true
    if (this.#left === 0) this.done = true
  }

  #take(data: Buffer): void {
    if (data.length === 0) return
    const taken = this.#left >= 0 && data.length > this.#left ? data.subarray(0, this.#left) : data
    if (taken.length < data.length) this.closes = true
    this.bytes += taken.length
    if (this.#keep) this.#pieces.push(taken)
    if (this.#left >= 0) {
      this.#left -= taken.length
      if (this.#left === 0) this.done = true
    }
  }

  #pushChunked(chunk: Buffer): void {
    let data = this.#buffer === null ? chunk : Buffer.concat([this.#buffer, chunk])
    this.#buffer = null
    while (!this.done && data.length > 0) {
      if (this.#at === 'data') {
        const piece = data.subarray(0, this.#left)
        this.bytes += piece.length
        if (this.#keep) this.#pieces.push(piece)
        this.#left -= piece.length
        data = data.subarray(piece.length)
        if (this.#left === 0) this.#at = 'after'
        continue
      }
      const end = data.indexOf('\r\n')
      if (end < 0) {
        this.#buffer = data
        return
      }
      const line = data.toString('latin1', 0, end)
      data = data.subarray(end + 2)
      if (this.#at === 'after') this.#at = 'size'
      else if (this.#at === 'trailer') this.done = line === ''
      else {
        this.#left = Number.parseInt(line, 16)
        this.#at = this.#left === 0 ? 'trailer' : 'data'
      }
    }
  }
}
