// Lines to a syslog server, one datagram each, in the form that nginx sends (RFC 3164, ngx_syslog). Owns one socket a
// server; a datagram that is lost is lost, as always with syslog.

import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { hostname } from 'node:os'
import type { Syslog } from '../config/nginx/modules/syslog.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** NGX_SYSLOG_MAX_STR */
const LONGEST = 4_096

/** The message of a line that has no end. @param severity of RFC 3164 §4.1.1, 0 to 7 */
export function syslogMessage(to: Syslog, severity: number, line: string, at = new Date()): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const day = String(at.getDate()).padStart(2)
  const time = `${MONTHS[at.getMonth()]} ${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  const host = to.hostname ? `${hostname().toLowerCase()} ` : ''
  return `<${to.facility * 8 + severity}>${time} ${host}${to.tag}: ${line}`.slice(0, LONGEST)
}

export class SyslogSender {
  readonly #warn: (message: string) => void
  readonly #sockets = new Map<4 | 6, Socket>()
  readonly #told = new Set<string>()

  /** @param warn of a server that cannot be reached, once each */
  constructor(warn: (message: string) => void) {
    this.#warn = warn
  }

  /** @param line without its end, latin1 */
  send(to: Syslog, severity: number, line: string): void {
    const { server } = to
    if (server === null) return
    const message = Buffer.from(syslogMessage(to, severity, line), 'latin1')
    this.#socketFor(server.host).send(message, server.port, server.host, error => {
      if (error === null || this.#told.has(to.name)) return
      this.#told.add(to.name)
      this.#warn(`lines for the syslog server "${to.name}" are lost: ${error.message}`)
    })
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close()
    this.#sockets.clear()
  }

  #socketFor(host: string): Socket {
    const family = isIPv6(host) ? 6 : 4
    let socket = this.#sockets.get(family)
    if (socket === undefined) {
      socket = createSocket(family === 6 ? 'udp6' : 'udp4').unref()
      // Each send reports its own failure.
      socket.on('error', () => {})
      this.#sockets.set(family, socket)
    }
    return socket
  }
}
