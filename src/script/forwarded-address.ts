// An address as proxies name their clients in fields, which may have a port (ngx_parse_addr_port). Decides nothing about
// who is believed.

import { readAddress } from '../config/nginx/range.ts'

export interface Forwarded {
  readonly address: string
  /** Empty: none was said. */
  readonly port: string
}

/** IPv6 has brackets where it has a port, and only there; null: it is no address. */
export function readForwarded(text: string): Forwarded | null {
  if (text.includes('%')) return null
  if (readAddress(text) !== null) return { address: text, port: '' }
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]*)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? []
  const address = bracketed ?? plain
  if (address === undefined || readAddress(address) === null) return null
  return Number(port) > 65_535 || Number(port) === 0 ? null : { address, port }
}
