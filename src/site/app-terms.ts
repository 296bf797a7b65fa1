// The terms of an app server that speaks FastCGI, uwsgi or SCGI: parameters for a head, and answers as CGI has them.

import { bodyLength } from '../attempt/outgoing.ts'
import type { Gateway } from '../config/nginx/modules/gateways.ts'
import { GatewayError } from '../gateway/params.ts'
import type { RequestInHand } from '../passing.ts'
import { gatewayHead } from '../request/gateway-head.ts'
import type { Dialect } from '../upstream/dialect.ts'
import { dialectOf } from '../upstream/gateway-dialects.ts'
import type { Visit } from '../visit.ts'
import type { GatewayTerms } from './gateway-terms.ts'

export class AppTerms implements GatewayTerms {
  head = ''
  readonly dialect: Dialect
  readonly #visit: Visit
  readonly #gateway: Gateway

  constructor(visit: Visit, gateway: Gateway) {
    this.#visit = visit
    this.#gateway = gateway
    this.dialect = dialectOf(gateway, visit.method, {
      told: (text, begun) => this.#tell(text, begun),
      caught: visit.settings.fastcgi.catchStderr,
    })
  }

  prepare(request: RequestInHand): GatewayError | null {
    const body = bodyLength(request)
    if (typeof body === 'number') this.#visit.main.bodySize = body
    try {
      this.head = gatewayHead(this.#visit, this.#gateway, body)
      return null
    } catch (error) {
      if (error instanceof GatewayError) return error
      throw error
    }
  }

  /** An app says what its answer is. */
  complete(): void {}

  /** Its 404 is an answer like any other. */
  isMiss(): boolean {
    return false
  }

  // The error stream is for the site's log (ngx_http_fastcgi_process_header).
  #tell(text: string, begun: boolean): void {
    const when = begun ? 'upstream' : 'response header from upstream'
    const message = `FastCGI sent in stderr: "${text}" while reading ${when}`
    this.#visit.site.logs.error('error', message, this.#visit)
  }
}
