// What a place that passes on to an app server without HTTP needs beyond its rules: the head, which is the same at every
// try, and the dialect in which the answer comes. One for each request that is passed on so.

import type { Gateway } from '../config/nginx/modules/gateways.ts'
import { GatewayError } from '../gateway/params.ts'
import { bodyLength } from '../outgoing.ts'
import type { RequestInHand } from '../passing.ts'
import { gatewayHead } from '../request/gateway-head.ts'
import type { Dialect } from '../upstream/dialect.ts'
import { dialectOf } from '../upstream/gateway-dialects.ts'
import type { Visit } from '../visit.ts'

export class GatewayTerms {
  /** Empty until it is prepared. */
  head = ''
  readonly dialect: Dialect
  readonly #visit: Visit
  readonly #gateway: Gateway

  constructor(visit: Visit, gateway: Gateway) {
    this.#visit = visit
    this.#gateway = gateway
    const { catchStderr: caught } = visit.settings.fastcgi
    this.dialect = dialectOf(gateway, visit.method, {
      told: (text, begun) => this.#tell(text, begun),
      caught,
    })
  }

  /** Makes the head of a request whose body is ready. What is wrong with it; null: nothing. */
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

  // The error stream is for the site's log (ngx_http_fastcgi_process_header).
  #tell(text: string, begun: boolean): void {
    const when = begun ? 'upstream' : 'response header from upstream'
    const message = `FastCGI sent in stderr: "${text}" while reading ${when}`
    this.#visit.site.logs.error('error', message, this.#visit)
  }
}

/** Null where HTTP is spoken. */
export function gatewayTerms(visit: Visit): GatewayTerms | null {
  const { pass } = visit.settings
  return pass === null || pass.family === 'http' ? null : new GatewayTerms(visit, pass.family)
}
