// How a place of a site deals with its workers: how long it waits for what, by which TLS, from which address, and in which
// dialect. Says so for one request; the connection itself is `upstream/`'s.

import { isSecure } from '../config/nginx/modules/proxy.ts'
import type { Script } from '../config/nginx/site.ts'
import type { House, UpstreamGroup } from '../house.ts'
import type { Destination } from '../request/site-target.ts'
import type { WorkerOptions } from '../upstream/answer-sink.ts'
import type { Dialect } from '../upstream/dialect.ts'
import type { SecureTerms, UpstreamTls } from '../upstream/upstream-tls.ts'
import type { Visit } from '../visit.ts'
import { nearEnd } from './near-end.ts'

/**
 * What the file says, else what the flags do.
 * @param dialect null: HTTP
 * @throws UpstreamTlsError where variables name a certificate that cannot be used
 */
export function workerTerms(
  house: House,
  visit: Visit,
  destination: Destination,
  group: UpstreamGroup,
  tls: UpstreamTls,
  dialect: Dialect | null,
): WorkerOptions {
  const { settings } = visit
  const { config } = house
  return {
    ...house.workers,
    connectTimeout: settings.connectTimeout ?? config.connectTimeout,
    readTimeout: settings.readTimeout ?? config.readTimeout,
    sendTimeout: settings.proxySendTimeout,
    workerTimeout: group.workerTimeout,
    tls: isSecure(destination.scheme) ? secured(visit, destination, tls) : null,
    from: nearEnd(visit),
    bareLf: settings.shieldBareLf,
    dialect,
  }
}

function secured(visit: Visit, { host }: Destination, tls: UpstreamTls): SecureTerms {
  const { proxyTls } = visit.settings
  const { name } = proxyTls
  const textOf = (script: Script) => visit.text(script)
  return tls.of(proxyTls, name === null ? host : textOf(name), textOf)
}
