// Reads HTTP answers from the bytes a test's client has received, strictly: what is not exactly HTTP/1.1
// throws, so that every test also proves the framing it was sent.

export interface Answer {
  status: number
  reason: string
  version: string
  /** Names as sent, in order, with repetitions. */
  fields: [name: string, value: string][]
  body: Buffer
  trailers: [name: string, value: string][]
  /** `length`, `chunked`, `none`, or `close` for a body that ends with the connection. */
  framing: 'length' | 'chunked' | 'none' | 'close'
  /** Bytes it took, head included. */
  size: number
  /** Whether the body is all there; always so for `none`, and for `close` only once the connection ended. */
  whole: boolean
}

/** All values of a field, case ignored. */
export function values(message: { fields: [string, string][] }, name: string): string[] {
  const wanted = name.toLowerCase()
  return message.fields.filter(([field]) => field.toLowerCase() === wanted).map(([, value]) => value)
}

/** The one value of a field, or undefined; throws where it is repeated. */
export function value(message: { fields: [string, string][] }, name: string): string | undefined {
  const all = values(message, name)
  if (all.length > 1) throw new Error(`${name} was sent ${all.length} times: ${all.join(' | ')}`)
  return all[0]
}

/** Reads the answer that begins at the start of `bytes`, or null while its head is not all there. */
export function readAnswer(bytes: Buffer, method = 'GET', ended = false): Answer | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) {
    if (bytes.length > 0 && !'HTTP/1.1 '.startsWith(bytes.toString('latin1', 0, 9))) {
      if (!/^HTTP\/1\.[01] /.test(bytes.toString('latin1', 0, 9).padEnd(9)))
        throw new Error(`not an answer: ${quote(bytes)}`)
    }
    return null
  }
  const [line = '', ...rest] = bytes.toString('latin1', 0, end).split('\r\n')
  const match = /^HTTP\/(1\.[01]) (\d{3}) ([^\r\n]*)$/.exec(line)
  if (match === null) throw new Error(`not a status line: ${JSON.stringify(line)}`)
  const answer: Answer = {
    version: match[1] as string,
    status: Number(match[2]),
    reason: match[3] as string,
    fields: rest.map(readField),
    body: Buffer.alloc(0),
    trailers: [],
    framing: 'none',
    size: end + 4,
    whole: true,
  }
  const length = value(answer, 'content-length')
  const coding = value(answer, 'transfer-encoding')
  if (length !== undefined && coding !== undefined)
    throw new Error('both Content-Length and Transfer-Encoding')
  if (method === 'HEAD' || answer.status < 200 || answer.status === 204 || answer.status === 304)
    return answer
  const body = bytes.subarray(end + 4)
  if (coding !== undefined) {
    if (coding !== 'chunked') throw new Error(`Transfer-Encoding: ${coding}`)
    readChunks(answer, body)
  } else if (length !== undefined) {
    if (!/^\d+$/.test(length)) throw new Error(`Content-Length: ${length}`)
    answer.framing = 'length'
    answer.body = body.subarray(0, Number(length))
    answer.whole = body.length >= Number(length)
    answer.size += answer.body.length
  } else {
    answer.framing = 'close'
    answer.body = body
    answer.whole = ended
    answer.size += body.length
  }
  return answer
}

function readField(line: string): [string, string] {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line)
  if (match === null) throw new Error(`not a field line: ${JSON.stringify(line)}`)
  return [match[1] as string, match[2] as string]
}

function readChunks(answer: Answer, bytes: Buffer): void {
  answer.framing = 'chunked'
  answer.whole = false
  const pieces: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) break
    const line = bytes.toString('latin1', at, lineEnd)
    if (!/^[0-9a-fA-F]+$/.test(line)) throw new Error(`not a chunk size: ${JSON.stringify(line)}`)
    const size = Number.parseInt(line, 16)
    const start = lineEnd + 2
    if (size === 0) {
      const trailerEnd = bytes.indexOf('\r\n', start) === start ? start : bytes.indexOf('\r\n\r\n', start)
      if (trailerEnd === -1) break
      if (trailerEnd > start)
        answer.trailers = bytes.toString('latin1', start, trailerEnd).split('\r\n').map(readField)
      answer.whole = true
      at = trailerEnd > start ? trailerEnd + 4 : start + 2
      break
    }
    pieces.push(bytes.subarray(start, start + size))
    if (bytes.length < start + size + 2) {
      at = bytes.length
      break
    }
    if (bytes.toString('latin1', start + size, start + size + 2) !== '\r\n')
      throw new Error('a chunk without its CRLF')
    at = start + size + 2
  }
  answer.body = Buffer.concat(pieces)
  answer.size += at
}

function quote(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 120))
}
