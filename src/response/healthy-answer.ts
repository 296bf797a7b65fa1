// The answer to a health check that the proxy gives itself. Knows no socket, and not what makes the app healthy.

import { httpDate } from './client-head.ts'

export interface HealthyAnswerOptions {
  readonly id: string
  readonly method: string
  readonly keepAlive: boolean
  /** An HTTP/1.0 client is told when the connection stays; any other when it does not. */
  readonly is10: boolean
}

const BODY = 'ok\n'

/** The whole answer, head and body, as one latin1 string. */
export function healthyAnswer({ id, method, keepAlive, is10 }: HealthyAnswerOptions): string {
  let out = `HTTP/1.1 200 OK\r\nDate: ${httpDate()}\r\nContent-Type: text/plain; charset=utf-8\r\n`
  out += `Content-Length: ${BODY.length}\r\nCache-Control: no-store\r\nX-Request-Id: ${id}\r\n`
  if (!keepAlive) out += 'Connection: close\r\n'
  else if (is10) out += 'Connection: keep-alive\r\n'
  return method === 'HEAD' ? `${out}\r\n` : `${out}\r\n${BODY}`
}
