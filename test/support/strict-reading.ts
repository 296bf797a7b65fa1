// A second, independent reading of HTTP/1.1 requests, written from RFC 9112 and the strict choices of this
// project, in the plainest way there is: whole buffers, regular expressions, no speed. The recorder uses it to
// know what reached it, and the fuzzer to know what may.

export interface StrictRequest {
  method: string
  target: string
  version: string
  fields: [name: string, value: string][]
  body: Buffer
  framing: 'none' | 'length' | 'chunked'
  trailers: [name: string, value: string][]
}

export type Reading =
  /** `doubtful`: the rules leave a choice, so that refusing it is right as well. */
  | { kind: 'whole'; request: StrictRequest; size: number; doubtful: boolean }
  | { kind: 'incomplete'; request: StrictRequest | null }
  | { kind: 'wrong'; why: string }

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const hostPattern = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)(?::\d{1,4})?$/

const wrong = (why: string): Reading => ({ kind: 'wrong', why })

/** Reads the request that begins at the start of `bytes`. */
export function readRequest(bytes: Buffer): Reading {
  const skipped = bytes.toString('latin1', 0, 2) === '\r\n' ? 2 : 0
  const text = bytes.toString('latin1', skipped)
  const end = text.indexOf('\r\n\r\n')
  const head = end === -1 ? text : text.slice(0, end)
  const stray = /(?<!\r)\n|\r(?!\n|$)/.exec(head)
  if (stray !== null) return wrong(`a bare CR or LF at ${stray.index}`)
  const lines = head.split('\r\n')
  const line = /^(\S+) (\S+) HTTP\/(\d)\.(\d)$/.exec(lines[0] as string)
  if (end === -1) return { kind: 'incomplete', request: null }
  if (line === null) return wrong(`not a request line: ${JSON.stringify(lines[0])}`)
  const [, method, target, major, minor] = line as unknown as [string, string, string, string, string]
  if (!token.test(method)) return wrong('the method is not a token')
  if (major !== '1') return wrong('another major version')
  if (/[\x00-\x20\x7f#]/.test(target)) return wrong('a control, DEL or # in the target')
  const fields: [string, string][] = []
  for (const field of lines.slice(1)) {
    const colon = field.indexOf(':')
    const name = field.slice(0, colon)
    if (colon === -1 || !token.test(name)) return wrong(`not a field: ${JSON.stringify(field)}`)
    const value = field.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) return wrong(`a control in the value of ${name}`)
    fields.push([name, value])
  }
  const request: StrictRequest = {
    method,
    target,
    version: `${major}.${minor}`,
    fields,
    body: Buffer.alloc(0),
    framing: 'none',
    trailers: [],
  }
  const offence = headOffence(request)
  if (offence !== null) return wrong(offence)
  return readBody(request, bytes, skipped + end + 4, isDoubtful(request))
}

const all = (request: StrictRequest, name: string): string[] =>
  request.fields.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value)

/** Whether an Expect field names anything but 100-continue; it is a list, whose empty elements do not count. */
function isOther(value: string): boolean {
  const named = value
    .split(',')
    .map(element => element.replace(/^[ \t]+|[ \t]+$/g, '').toLowerCase())
    .filter(element => element !== '')
  return named.some(element => element !== '100-continue')
}

/** What makes the head ambiguous or unacceptable, or null. */
function headOffence(request: StrictRequest): string | null {
  const { method, target } = request
  const old = request.version === '1.0'
  const hosts = all(request, 'host')
  const lengths = all(request, 'content-length')
  const codings = all(request, 'transfer-encoding')
  if (method === 'CONNECT') return 'CONNECT'
  if (hosts.length > 1) return 'Host is repeated'
  if (!old && hosts.length === 0) return 'Host is missing'
  if (hosts.length === 1 && !old && hosts[0] === '') return 'Host is empty'
  if (hosts.length === 1 && /[@/?#\s\\]/.test(hosts[0] as string)) return 'Host is invalid'
  if (!target.startsWith('/') && !/^https?:\/\//i.test(target) && !(target === '*' && method === 'OPTIONS')) {
    return 'the target has no form that is allowed'
  }
  if (lengths.length > 0 && codings.length > 0) return 'both Content-Length and Transfer-Encoding'
  if (lengths.length > 1) return 'Content-Length is repeated'
  if (lengths.length === 1 && !/^\d+$/.test(lengths[0] as string)) return 'Content-Length is not digits'
  if (codings.length > 0 && old) return 'Transfer-Encoding in HTTP/1.0'
  if (codings.length > 1) return 'Transfer-Encoding is repeated'
  if (codings.length === 1 && (codings[0] as string).toLowerCase() !== 'chunked')
    return 'another coding than chunked'
  const expectations = all(request, 'expect')
  if (!old && expectations.some(isOther)) return 'another expectation'
  const websocket = method === 'GET' && all(request, 'upgrade').some(value => /websocket/i.test(value))
  if (websocket && (codings.length > 0 || Number(lengths[0] ?? 0) > 0)) return 'an Upgrade with a body'
  return null
}

/** Whether refusing the head would be as right as serving it. */
function isDoubtful(request: StrictRequest): boolean {
  const { target, version } = request
  const host = all(request, 'host')[0]
  const length = all(request, 'content-length')[0] ?? '0'
  if (version !== '1.0' && version !== '1.1') return true
  if (!target.startsWith('/') && target !== '*') return true
  if (host !== undefined && !hostPattern.test(host)) return true
  if (length.length > 7 || all(request, 'expect').join().includes(',')) return true
  // Bytes in the target that are no URI characters and that browsers do not send raw either.
  return /[^\x21-\x7e]/.test(target) || all(request, 'upgrade').length > 0
}

function readBody(request: StrictRequest, bytes: Buffer, start: number, doubtful: boolean): Reading {
  const length = all(request, 'content-length')[0]
  if (all(request, 'transfer-encoding').length > 0) return readChunks(request, bytes, start, doubtful)
  if (length === undefined) return { kind: 'whole', request, size: start, doubtful }
  request.framing = 'length'
  const end = start + Number(length)
  request.body = bytes.subarray(start, end)
  if (end > bytes.length) return { kind: 'incomplete', request }
  return { kind: 'whole', request, size: end, doubtful }
}

function readChunks(request: StrictRequest, bytes: Buffer, start: number, doubtful: boolean): Reading {
  request.framing = 'chunked'
  const pieces: Buffer[] = []
  let at = start
  for (;;) {
    const line = readLine(bytes, at)
    if (line === null) return { kind: 'incomplete', request }
    if (line === 'bare') return wrong('a bare CR or LF in a chunk line')
    const size = /^([0-9A-Fa-f]+)(;[\x21-\x7e\x80-\xff]*)?$/.exec(line)
    if (size === null) {
      // White space and controls in an extension are refused or not; nothing about the size is left open.
      if (!/^[0-9A-Fa-f]+;[^\x00-\x08\x0a-\x1f\x7f]*$/.test(line))
        return wrong(`not a chunk size: ${JSON.stringify(line)}`)
      doubtful = true
    }
    if (line.includes(';')) doubtful = true
    const digits = (/^[0-9A-Fa-f]+/.exec(line) as RegExpExecArray)[0]
    if (digits.length > 13) doubtful = true
    const count = Number.parseInt(digits, 16)
    at += line.length + 2
    if (count === 0) break
    if (count > Number.MAX_SAFE_INTEGER) return wrong('a chunk size beyond 2^53')
    if (at + count + 2 > bytes.length) {
      const after = bytes.toString('latin1', at + count, at + count + 2)
      return '\r\n'.startsWith(after) ? { kind: 'incomplete', request } : wrong('a chunk without its CRLF')
    }
    pieces.push(bytes.subarray(at, at + count))
    if (bytes.toString('latin1', at + count, at + count + 2) !== '\r\n')
      return wrong('a chunk without its CRLF')
    at += count + 2
  }
  for (;;) {
    const line = readLine(bytes, at)
    if (line === null) return { kind: 'incomplete', request }
    if (line === 'bare') return wrong('a bare CR or LF in a trailer')
    at += line.length + 2
    if (line === '') break
    const field = /^([^:]*):[ \t]*(.*?)[ \t]*$/.exec(line)
    if (field === null || !token.test(field[1] as string)) return wrong('not a trailer field')
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(field[2] as string)) return wrong('a control in a trailer')
    request.trailers.push([field[1] as string, field[2] as string])
    // Framing and routing fields may be refused in trailers (RFC 9110 §6.5.1).
    doubtful = true
  }
  request.body = Buffer.concat(pieces)
  return { kind: 'whole', request, size: at, doubtful }
}

/** One line without its CRLF; null while it is not all there, `bare` for a stray CR or LF. */
function readLine(bytes: Buffer, at: number): string | null | 'bare' {
  const end = bytes.indexOf('\r\n', at)
  const text = bytes.toString('latin1', at, end === -1 ? bytes.length : end)
  if (/\n|\r(?!$)/.test(text) || (end !== -1 && text.endsWith('\r'))) return 'bare'
  return end === -1 ? null : text
}
