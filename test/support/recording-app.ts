// An app that notes exactly what reached it and answers as the request itself says, by its `App-…` fields, so that two
// proxies in front of two of them can be compared. One request a connection, unless it is told otherwise.
//
//   App-Status: 404 Gone Fishing     the status line
//   App-Field: Name: value           a field of the answer; may be repeated
//   App-Body: text                   the body; `text*1000` repeats it
//   App-Framing: chunked | close     in place of Content-Length
//   App-Upgrade: websocket           101, a line, and the end
//   App-End: at once                 the connection is closed without an answer
//   App-Raw: HTTP/1.1 200 OK%0D%0A…  the bytes of the answer, escaped as in a URI
//   App-At-8001-Status: 503 No       for the app at that port alone, in place of the other
//
// Asked for a key as memcached is, it answers as no memcached does (`ODD`).
//
// What comes in uwsgi, FastCGI or SCGI is noted with its parameters as fields, and answered in the same protocol; there
// App-Status: none leaves the status out.

import { createServer, type Server, type Socket } from 'node:net'
import { answerOf, record, STDERR } from './fastcgi.ts'
import { gatewayOf, readGateway } from './gateway-reading.ts'
import type { Owner } from './owner.ts'

/** What reached the app, as it came. */
export interface Reached {
  readonly line: string
  readonly fields: readonly string[]
  readonly body: string
}

export interface RecordingApp {
  readonly port: number
  /** What has come since it was last asked. */
  taken(): Reached[]
}

/**
 * Listens on a port of the kernel's choice, or on a Unix socket.
 * @param name the port that others know it by
 */
export async function startRecordingApp(owner: Owner, path?: string, name = 0): Promise<RecordingApp> {
  let reached: Reached[] = []
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    let bytes = Buffer.alloc(0)
    socket.on('data', (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece])
      if (bytes.toString('latin1', 0, 4) === 'get ') {
        if (bytes.includes('\r\n')) reached.push(oddStore(socket, bytes.toString('latin1')))
        return
      }
      const gateway = gatewayOf(bytes)
      const request = gateway === null ? readWhole(bytes) : readParameters(bytes)
      if (request === null) return
      bytes = Buffer.alloc(0)
      reached.push(request)
      if (gateway === null) answer(socket, request, name)
      else socket.end(Buffer.from(gatewayAnswer(gateway, request) ?? '', 'latin1'))
    })
  })
  await listen(server, path)
  owner.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    taken() {
      const taken = reached
      reached = []
      return taken
    },
  }
}

/** By the key, with what comes back, after which the connection is closed. */
const ODD: Readonly<Record<string, string>> = {
  none: '',
  nonsense: 'HELLO\r\n',
  failed: 'SERVER_ERROR out of memory\r\n',
  bare: 'END\n',
  missing: 'END\r\n',
  key: 'VALUE other 0 1\r\nx\r\nEND\r\n',
  longer: 'VALUE longer-than-that 0 1\r\nx\r\nEND\r\n',
  flags: 'VALUE flags x 1\r\nx\r\nEND\r\n',
  length: 'VALUE length 0 x\r\nx\r\nEND\r\n',
  unsized: 'VALUE unsized 0\r\nx\r\nEND\r\n',
  cut: 'VALUE cut 0 100\r\nonly',
  more: 'VALUE more 0 1\r\nx and more\r\nEND\r\n',
}

function oddStore(socket: Socket, text: string): Reached {
  const line = text.slice(0, text.indexOf('\r\n'))
  socket.end(ODD[line.slice('get '.length)] ?? 'END\r\n', 'latin1')
  return { line, fields: [], body: '' }
}

function listen(server: Server, path: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    if (path === undefined) server.listen(0, '127.0.0.1', resolve)
    else server.listen({ path, readableAll: true, writableAll: true }, resolve)
  })
}

function readWhole(bytes: Buffer): Reached | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return null
  const [line = '', ...fields] = bytes.toString('latin1', 0, end).split('\r\n')
  const rest = bytes.subarray(end + 4)
  const length = fields.map(field => /^content-length: *(\d+)$/i.exec(field)?.[1]).find(Boolean)
  if (length !== undefined) {
    if (rest.length < Number(length)) return null
    return { line, fields, body: rest.toString('latin1', 0, Number(length)) }
  }
  if (fields.some(field => /^transfer-encoding: *chunked$/i.test(field))) {
    const text = rest.toString('latin1')
    if (!/(?:^|\r\n)0\r\n\r\n$/.test(text)) return null
    return { line, fields, body: unchunk(text) }
  }
  return { line, fields, body: '' }
}

function unchunk(text: string): string {
  let [body, at] = ['', 0]
  for (;;) {
    const end = text.indexOf('\r\n', at)
    const size = Number.parseInt(text.slice(at, end), 16)
    if (!(size > 0)) return body
    body += text.slice(end + 2, end + 2 + size)
    at = end + 2 + size + 2
  }
}

function answer(socket: Socket, { line, fields }: Reached, own: number): void {
  const values = (start: string): string[] =>
    fields.filter(field => field.toLowerCase().startsWith(start)).map(field => field.slice(start.length))
  const said = (name: string): string[] => {
    const mine = values(`app-at-${own}-${name}: `)
    return mine.length > 0 ? mine : values(`app-${name}: `)
  }
  const raw = said('raw')[0]
  if (raw !== undefined) {
    const bytes = raw.replace(/%([0-9A-F]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    socket.end(bytes, 'latin1')
    return
  }
  if (said('end').length > 0) {
    socket.destroy()
    return
  }
  const upgrade = said('upgrade')[0]
  if (upgrade !== undefined) {
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${upgrade}\r\nConnection: upgrade\r\n\r\nhello\n`,
    )
    return
  }
  const status = said('status')[0] ?? '200 OK'
  const [, text = '', times = '1'] = /^(.*?)(?:\*(\d+))?$/s.exec(said('body')[0] ?? 'the app\n')!
  const body = /^(?:204|304)/.test(status) ? '' : text.repeat(Number(times))
  const framing = said('framing')[0]
  const head = [`HTTP/1.1 ${status}`, 'Server: app', 'Date: Sat, 28 Nov 2026 22:00:00 GMT', ...said('field')]
  if (!said('field').some(field => /^content-type:/i.test(field)) && body !== '')
    head.push('Content-Type: text/plain')
  if (framing === 'chunked') head.push('Transfer-Encoding: chunked')
  else if (framing !== 'close' && !status.startsWith('204') && !status.startsWith('304'))
    head.push(`Content-Length: ${body.length}`)
  head.push('Connection: close')
  const sent = line.startsWith('HEAD ')
    ? ''
    : framing === 'chunked'
      ? `${body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`}0\r\n\r\n`
      : body
  socket.end(`${head.join('\r\n')}\r\n\r\n${sent}`, 'latin1')
}

function readParameters(bytes: Buffer): Reached | null {
  const request = readGateway(bytes)
  if (request === null) return null
  const { gateway, modifiers, params, body } = request
  const line = `${gateway}${modifiers.some(Boolean) ? ` ${modifiers}` : ''}`
  return { line, fields: params.map(([name, value]) => `${name}: ${value}`), body }
}

/** Null: none, at once. */
function gatewayAnswer(gateway: string, { fields }: Reached): string | null {
  const asked = fields.flatMap(field => {
    const [, name, value] = /^HTTP_APP_(\w+): (.*)$/s.exec(field) ?? []
    return name === undefined ? [] : [[name.toLowerCase(), value!] as const]
  })
  const said = (name: string) => asked.find(([each]) => each === name)?.[1]
  if (said('end') !== undefined) return null
  const status = said('status') ?? '200 OK'
  const [, text = '', times = '1'] = /^(.*?)(?:\*(\d+))?$/s.exec(said('body') ?? 'the app\n')!
  const body = text.repeat(Number(times))
  const lines = gateway === 'uwsgi' && status !== 'none' ? [`HTTP/1.1 ${status}`] : []
  if (gateway !== 'uwsgi' && status !== 'none') lines.push(`Status: ${status}`)
  // Several fields of one name come as one parameter.
  lines.push('X-App: of its own', ...(said('field') ?? 'Content-Type: text/plain').split('|'))
  if (said('framing') === 'length') lines.push(`Content-Length: ${body.length}`)
  const bytes = `${lines.join('\n')}\n\n${body}`
  if (gateway !== 'fastcgi') return bytes
  return record(STDERR, 'a word of the app', 3) + answerOf(bytes)
}
