// The head of an answer as the client gets it, and the only place that writes one: the worker's fields without
// those of the other hop, and this hop's own. Knows no socket.

import { HOP_BY_HOP, nominatedFields } from '../http1/connection-fields.ts'
import type { Framing } from '../http1/framing.ts'
import type { ResponseHead } from '../http1/response-head.ts'

/** How the answer's end is told to the client. */
export type ClientFraming = 'none' | 'length' | 'chunked' | 'close'

/**
 * How an answer that was framed one way towards us is framed towards the client: what is chunked or ends with
 * the connection goes on in chunks, and to an HTTP/1.0 client until the close.
 */
export function clientFraming(framing: Framing, clientIs10: boolean): ClientFraming {
  if (framing.kind === 'none' || framing.kind === 'length') return framing.kind
  return clientIs10 ? 'close' : 'chunked'
}

export interface ClientHeadOptions {
  readonly framing: ClientFraming
  readonly keepAlive: boolean
  /** The client must be told that the connection stays (HTTP/1.0). */
  readonly sayKeepAlive: boolean
  /** For how many seconds at least; absent or 0: that is not said. */
  readonly keepAliveFor?: number
  /** Trailers are passed on: their announcement may stay. */
  readonly trailers: boolean
  /** Also those that speak to a proxy, as nginx's X-Accel fields do: a file says which of them go on. */
  readonly keepsAccel: boolean
}

/** The whole head as one latin1 string. */
export function clientHead(head: ResponseHead, options: ClientHeadOptions): string {
  const { names, lower, values, length } = head.headers
  const nominated = nominatedFields(head.headers)
  let out = `HTTP/1.1 ${head.status} ${head.reason}\r\n`
  let dated = false
  for (let i = 0; i < length; i++) {
    const name = lower[i]!
    if (HOP_BY_HOP.has(name) && !(name === 'trailer' && options.trailers)) continue
    // Speaks to the proxy, and may name what is internal.
    if (!options.keepsAccel && name.startsWith('x-accel-')) continue
    if (nominated?.has(name)) continue
    // RFC 9110 §8.6: with 204 there is no length to tell, and some clients would wait for a body.
    if (name === 'content-length' && head.status === 204) continue
    if (name === 'date') dated = true
    out += `${names[i]!}: ${values[i]!}\r\n`
  }
  // RFC 9110 §6.6.1: a recipient with a clock dates what it forwards undated.
  if (!dated) out += `Date: ${httpDate()}\r\n`
  if (options.framing === 'chunked') out += 'Transfer-Encoding: chunked\r\n'
  if (!options.keepAlive) out += 'Connection: close\r\n'
  else if (options.sayKeepAlive) {
    out += 'Connection: keep-alive\r\n'
    const { keepAliveFor = 0 } = options
    if (keepAliveFor > 0) out += `Keep-Alive: timeout=${keepAliveFor}\r\n`
  }
  return `${out}\r\n`
}

/** An interim answer (1xx), passed on as it came. */
export function interimHead(head: ResponseHead): string {
  const { names, lower, values, length } = head.headers
  const nominated = nominatedFields(head.headers)
  let out = `HTTP/1.1 ${head.status} ${head.reason}\r\n`
  for (let i = 0; i < length; i++) {
    const name = lower[i]!
    if (name.startsWith('x-accel-')) continue
    if (!HOP_BY_HOP.has(name) && name !== 'content-length' && !nominated?.has(name))
      out += `${names[i]!}: ${values[i]!}\r\n`
  }
  return `${out}\r\n`
}

let dateSecond = 0
let dateText = ''

/** The current time as an IMF-fixdate (RFC 9110 §5.6.7), made once a second. */
export function httpDate(): string {
  const second = Math.floor(Date.now() / 1000)
  if (second !== dateSecond) {
    dateSecond = second
    dateText = new Date(second * 1000).toUTCString()
  }
  return dateText
}
