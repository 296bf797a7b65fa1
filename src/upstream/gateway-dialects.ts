// The dialects of app servers that do not speak HTTP, each by what its protocol needs. Knows no request.

import type { Gateway } from '../config/nginx/modules/gateways.ts'
import { END_OF_STDIN, MOST_IN_RECORD, padding, stdinHead } from '../gateway/fastcgi-request.ts'
import type { BodyCoding, Dialect } from './dialect.ts'
import { type ErrorStream, FastcgiReader } from './fastcgi-reader.ts'
import { GatewayReader } from './gateway-reader.ts'

const STDIN: BodyCoding = {
  most: MOST_IN_RECORD,
  before: stdinHead,
  after: padding,
  last: END_OF_STDIN,
}

/**
 * @param method the request's, which decides whether its answer has a body
 * @param errors who is told what FastCGI's error stream says
 */
export function dialectOf(gateway: Gateway, method: string, errors: ErrorStream): Dialect {
  if (gateway === 'fastcgi')
    return {
      coding: STDIN,
      reader: parts => new FastcgiReader(new GatewayReader(method, false, parts), errors),
    }
  return { coding: null, reader: parts => new GatewayReader(method, true, parts) }
}
