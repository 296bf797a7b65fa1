// The terms of memcached: a key for a head, and for an answer a value that says nothing of itself, or nothing.

import { contentTypeOf } from '../config/nginx/content-type.ts'
import { memcachedKey, memcachedRequest } from '../gateway/memcached.ts'
import { GatewayError } from '../gateway/params.ts'
import type { AnswerHead } from '../outcome.ts'
import type { Dialect } from '../upstream/dialect.ts'
import { memcachedDialect } from '../upstream/memcached-reader.ts'
import type { Visit } from '../visit.ts'
import type { GatewayTerms } from './gateway-terms.ts'

export class StoreTerms implements GatewayTerms {
  head = ''
  readonly dialect: Dialect
  readonly #visit: Visit
  /** What is asked for; or why nothing can be. */
  readonly #key: string | GatewayError

  constructor(visit: Visit) {
    const { method, settings } = visit
    this.#visit = visit
    this.#key = keyOf(visit)
    this.dialect = memcachedDialect({
      key: typeof this.#key === 'string' ? this.#key : '',
      headOnly: method === 'HEAD',
      gzipFlag: settings.memcached.memcachedGzipFlag,
    })
  }

  prepare(): GatewayError | null {
    if (this.#key instanceof GatewayError) return this.#key
    this.head = memcachedRequest(this.#key)
    return null
  }

  /** What memcached has is a file's content. */
  complete({ headers }: AnswerHead): void {
    const type = contentTypeOf(this.#visit.settings, this.#visit.uri)
    if (type !== '') headers.add('Content-Type', type)
  }

  isMiss(status: number): boolean {
    if (status !== 404) return false
    this.#visit.site.logs.error('info', `key: "${this.#key}" was not found by memcached`, this.#visit)
    return true
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
