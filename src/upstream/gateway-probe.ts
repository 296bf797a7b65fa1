// Asking an app server that does not speak HTTP whether it is there: by a whole request in its protocol, never by an empty
// connection, which a worker would wait on. The counterpart of `probe.ts`.

import net from 'node:net'
import type { Family } from '../config/nginx/modules/proxy.ts'
import { fastcgiHead } from '../gateway/fastcgi-request.ts'
import type { Params } from '../gateway/params.ts'
import { scgiHead } from '../gateway/scgi.ts'
import { uwsgiHead } from '../gateway/uwsgi.ts'
import { secureSocket } from './secure-socket.ts'
import type { Endpoint } from './upstream.ts'
import type { SecureTerms } from './upstream-tls.ts'

const HEADS: Readonly<Record<Exclude<Family, 'http'>, (params: Params) => string>> = {
  uwsgi: params => uwsgiHead(params, { modifier1: 0, modifier2: 0, after: '' }),
  fastcgi: params => fastcgiHead(params, false),
  scgi: params => scgiHead(params, 0),
  memcached: () => 'version\r\n',
}

/**
 * True when anything came back; takes a worker, so that a slot must be held meanwhile.
 * @param path what is asked for @param host in whose name
 * @param timeoutMs for all of it
 * @param tls what is spoken through; null: nothing
 */
export function gatewayAnswers(
  endpoint: Endpoint,
  gateway: Exclude<Family, 'http'>,
  path: string,
  host: string,
  timeoutMs: number,
  tls: SecureTerms | null,
): Promise<boolean> {
  return new Promise(resolve => {
    // Whether it is believed is for requests, which are told why not.
    const terms = tls && { ...tls, verify: false, sessions: null }
    const socket = terms === null ? net.connect(endpoint) : secureSocket(endpoint, terms)
    const end = (answered: boolean) => {
      clearTimeout(patience)
      socket.destroy()
      resolve(answered)
    }
    const patience = setTimeout(() => end(false), timeoutMs)
    socket.once(terms === null ? 'connect' : 'secureConnect', () =>
      socket.write(HEADS[gateway](asking(path, host)), 'latin1'),
    )
    socket.once('data', () => end(true))
    socket.once('end', () => end(false))
    socket.once('error', () => end(false))
  })
}

// What no app can do without (RFC 3875 §4.1, PEP 3333).
function asking(path: string, host: string): Params {
  return [
    ['GATEWAY_INTERFACE', 'CGI/1.1'],
    ['REQUEST_METHOD', 'GET'],
    ['REQUEST_URI', path],
    ['SCRIPT_NAME', ''],
    ['PATH_INFO', path],
    ['DOCUMENT_URI', path],
    ['QUERY_STRING', ''],
    ['SERVER_PROTOCOL', 'HTTP/1.1'],
    ['SERVER_NAME', host],
    ['SERVER_PORT', '80'],
    ['REMOTE_ADDR', '127.0.0.1'],
    ['SCGI', '1'],
    ['HTTP_HOST', host],
    ['HTTP_USER_AGENT', 'shieldproxy-probe'],
  ]
}
