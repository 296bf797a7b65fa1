// The near end of a connection to a worker, as `proxy_bind` says it. Pure: the words in, what a socket is told out.

import { isIP } from 'node:net'
import type { Endpoint } from '../kernel/listeners.ts'

/** What a socket binds to before it connects. */
export interface LocalEnd {
  readonly localAddress: string
  readonly localPort?: number
}

/** An address, with a port or without one; null where it is none. */
export function localEnd(text: string): LocalEnd | null {
  if (isIP(text) !== 0) return { localAddress: text }
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const localAddress = six ?? four ?? ''
  if (isIP(localAddress) === 0 || Number(port ?? 0) > 65_535) return null
  return port === undefined ? { localAddress } : { localAddress, localPort: Number(port) }
}

/** The far end, with what is said of the near one; a Unix socket has none. */
export function from(endpoint: Endpoint, end: LocalEnd | null | undefined): Endpoint {
  return end == null || 'path' in endpoint ? endpoint : { ...endpoint, ...end }
}
