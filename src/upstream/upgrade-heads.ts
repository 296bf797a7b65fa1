// Heads on the upgrade lane, which Node and http-proxy-3 read and write: what is lost of names and order on the way is put
// right here as far as it can be, and what goes to the client is made. Knows no sockets.

import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { HOP_BY_HOP } from '../http1/connection-fields.ts'
import { HeaderList } from '../http1/headers.ts'
import type { ResponseHead } from '../http1/response-head.ts'

/** Gives the request's fields their own names back: Node would send every one in lower case. */
export function writeAsWritten(request: ClientRequest, raw: readonly string[]): void {
  const values = new Map<string, string[]>()
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const lower = raw[i]!.toLowerCase()
    values.set(lower, [...(values.get(lower) ?? []), raw[i + 1]!])
    const all = values.get(lower)!
    request.setHeader(raw[i]!, all.length === 1 ? all[0]! : all)
  }
}

/** The worker's answer, as the rest of the house knows heads. */
export function headOf({ rawHeaders, statusCode = 0, statusMessage = '' }: IncomingMessage): ResponseHead {
  const headers = new HeaderList()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.add(rawHeaders[i]!, rawHeaders[i + 1]!)
  return { minor: 1, status: statusCode, reason: statusMessage, headers, bytes: 0 }
}

/** The fields that the client gets of a 101. @param upgrade the protocol that it names; absent: WebSocket */
export function switchingFields(fields: HeaderList, upgrade: string | undefined): IncomingHttpHeaders {
  const switching: Record<string, string | string[]> = {
    Connection: 'Upgrade',
    Upgrade: upgrade ?? 'websocket',
  }
  for (let i = 0; i < fields.length; i++) {
    const name = fields.lower[i]!
    if (name !== 'connection' && name !== 'upgrade') switching[fields.names[i]!] = fields.all(name)
  }
  return switching
}

/** The whole 101 as http-proxy-3 writes it; only its length is wanted. */
export function switchingHead(fields: IncomingHttpHeaders): string {
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map(each => `${name}: ${each}\r\n`),
  )
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`
}

/**
 * The head of an answer that refuses the upgrade, without the fields of the other hop and those that speak to the proxy; its
 * body ends with its length or the connection.
 */
export function refusalHead(
  { statusCode, statusMessage, headers }: IncomingMessage,
  fields: HeaderList,
): string {
  const nominated = (headers.connection ?? '').toLowerCase().split(',')
  let out = `HTTP/1.1 ${statusCode} ${statusMessage}\r\n`
  for (let i = 0; i < fields.length; i++) {
    const name = fields.lower[i]!
    if (HOP_BY_HOP.has(name) || name === 'content-length' || name.startsWith('x-accel-')) continue
    if (nominated.some(other => other.trim() === name)) continue
    out += `${fields.names[i]}: ${fields.values[i]}\r\n`
  }
  const length = headers['content-length']
  if (length !== undefined) out += `Content-Length: ${length}\r\n`
  return `${out}Connection: close\r\n\r\n`
}
