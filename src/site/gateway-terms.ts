// What a place that passes on to an app server without HTTP needs beyond its rules: the head, which is the same at every
// try, and the dialect in which the answer comes. One for each request that is passed on so.

import { contentTypeOf } from '../config/nginx/content-type.ts'
import type { Gateway } from '../config/nginx/modules/gateways.ts'
import type { Family } from '../config/nginx/modules/proxy.ts'
import { memcachedKey, memcachedRequest } from '../gateway/memcached.ts'
import { GatewayError } from '../gateway/params.ts'
import type { AnswerHead } from '../outcome.ts'
import { bodyLength } from '../outgoing.ts'
import type { RequestInHand } from '../passing.ts'
import { gatewayHead } from '../request/gateway-head.ts'
import type { Dialect } from '../upstream/dialect.ts'
import { dialectOf } from '../upstream/gateway-dialects.ts'
import { memcachedDialect } from '../upstream/memcached-reader.ts'
import type { Visit } from '../visit.ts'

export class GatewayTerms {
  /** Empty until it is prepared. */
  head = ''
  readonly dialect: Dialect
  readonly #visit: Visit
  readonly #gateway: Exclude<Family, 'http'>
  /** What memcached is asked for; null where that is not asked, or where it can be asked for nothing. */
  readonly #key: string | GatewayError | null

  constructor(visit: Visit, gateway: Exclude<Family, 'http'>) {
    this.#visit = visit
    this.#gateway = gateway
    this.#key = gateway === 'memcached' ? keyOf(visit) : null
    this.dialect = gateway === 'memcached' ? this.#asksStore() : this.#asksApp(gateway)
  }

  #asksApp(gateway: Gateway): Dialect {
    const { catchStderr: caught } = this.#visit.settings.fastcgi
    return dialectOf(gateway, this.#visit.method, {
      told: (text, begun) => this.#tell(text, begun),
      caught,
    })
  }

  #asksStore(): Dialect {
    const { method, settings } = this.#visit
    return memcachedDialect({
      key: typeof this.#key === 'string' ? this.#key : '',
      headOnly: method === 'HEAD',
      gzipFlag: settings.memcached.memcachedGzipFlag,
    })
  }

  /** Makes the head of a request whose body is ready. What is wrong with it; null: nothing. */
  prepare(request: RequestInHand): GatewayError | null {
    if (this.#gateway === 'memcached') {
      if (this.#key instanceof GatewayError) return this.#key
      this.head = memcachedRequest(this.#key!)
      return null
    }
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

  /** The head of an answer, as far as it is not said by whoever sent it: what memcached has is a file's content. */
  complete({ headers }: AnswerHead): void {
    if (this.#gateway !== 'memcached') return
    const type = contentTypeOf(this.#visit.settings, this.#visit.uri)
    if (type !== '') headers.add('Content-Type', type)
  }

  /** Nothing is there, which is noted: the site's own page says so, whatever the file says of errors (`intercept_404`). */
  isMiss(status: number): boolean {
    if (this.#gateway !== 'memcached' || status !== 404) return false
    this.#visit.site.logs.error('info', `key: "${this.#key}" was not found by memcached`, this.#visit)
    return true
  }

  // The error stream is for the site's log (ngx_http_fastcgi_process_header).
  #tell(text: string, begun: boolean): void {
    const when = begun ? 'upstream' : 'response header from upstream'
    const message = `FastCGI sent in stderr: "${text}" while reading ${when}`
    this.#visit.site.logs.error('error', message, this.#visit)
  }
}

function keyOf(visit: Visit): string | GatewayError {
  try {
    return memcachedKey(visit.text(visit.settings.memcached.memcachedKey!))
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
}

/** Null where HTTP is spoken. */
export function gatewayTerms(visit: Visit): GatewayTerms | null {
  const { pass } = visit.settings
  return pass === null || pass.family === 'http' ? null : new GatewayTerms(visit, pass.family)
}
