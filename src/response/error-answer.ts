// Answers of the proxy's own, for requests that failed: short, in the form the client prefers, with the
// request's id and never an internal address. Knows no socket.

import type { Failure } from '../errors.ts'
import { http } from '../node-http.ts'
import { httpDate } from './client-head.ts'

export interface ErrorAnswerOptions {
  readonly id: string
  readonly method: string
  /** The request's `Accept`, or empty. */
  readonly accept: string
  readonly keepAlive: boolean
  readonly sayKeepAlive: boolean
}

/** Seconds that a client is asked to wait before it tries again, where nothing better is known. */
export const RETRY_AFTER_S = 2

type Form = 'html' | 'json' | 'text'

/** The whole answer, head and body, as one latin1 string. */
export function errorAnswer(failure: Failure, options: ErrorAnswerOptions): string {
  const { status, retryLater } = failure.kind
  const message = failure.words === null ? failure.kind.message : asBytes(failure.words)
  const form = preferredForm(options.accept)
  const reason = http.STATUS_CODES[status] ?? 'Error'
  const body = bodies[form](status, reason, message, options.id)
  let out = `HTTP/1.1 ${status} ${reason}\r\nDate: ${httpDate()}\r\nContent-Type: ${types[form]}\r\n`
  out += `Content-Length: ${body.length}\r\nCache-Control: no-store\r\nX-Request-Id: ${options.id}\r\n`
  if (retryLater) out += `Retry-After: ${failure.retryAfter ?? RETRY_AFTER_S}\r\n`
  if (!options.keepAlive) out += 'Connection: close\r\n'
  else if (options.sayKeepAlive) out += 'Connection: keep-alive\r\n'
  return options.method === 'HEAD' ? `${out}\r\n` : `${out}\r\n${body}`
}

const types: Record<Form, string> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  text: 'text/plain; charset=utf-8',
}

// One character a byte, so that length and bytes agree; nothing in them comes from the client but a checked id.
const bodies: Record<Form, (status: number, reason: string, message: string, id: string) => string> = {
  html: (status, reason, message, id) =>
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${status} ${reason}</title><style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;` +
    `max-width:36rem;margin:15vh auto;padding:0 1rem}small{opacity:.7}</style>` +
    `<h1>${status} ${reason}</h1><p>${escapeHtml(message)}</p><p><small>Request ${escapeHtml(id)}</small></p></html>\n`,
  json: (status, reason, message, id) =>
    `${JSON.stringify({ status, error: reason, message, request_id: id })}\n`,
  text: (status, reason, message, id) => `${status} ${reason}\n${message}\nRequest ${id}\n`,
}

/** The bytes of UTF-8 as one character each, as the answer is written. */
function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

/**
 * HTML when the client prefers it, JSON when it asks for that, else text: by the weights of `Accept`
 * (RFC 9110 §12.5.1), where a wildcard asks for nothing in particular.
 */
export function preferredForm(accept: string): Form {
  let best: Form = 'text'
  let weight = 0
  for (const range of accept.split(',', 32)) {
    const [type = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase())
    const form = formOf(type)
    if (form === null) continue
    const q = parameters.find(parameter => parameter.startsWith('q='))
    const value = q === undefined ? 1 : Number(q.slice(2))
    if (value > weight) {
      weight = value
      best = form
    }
  }
  return best
}

function formOf(type: string): Form | null {
  if (type === 'text/html' || type === 'application/xhtml+xml') return 'html'
  if (type === 'application/json' || type.endsWith('+json')) return 'json'
  return type === 'text/plain' ? 'text' : null
}
