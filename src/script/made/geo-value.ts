// What `geo` comes to (ngx_http_geo_module): the value of the narrowest range that an address lies in, found by halving
// among stretches that do not overlap.

import { type AddressWords, isWithin, mappedAddress, readAddress } from '../../config/nginx/range.ts'
import type { VariableConfig } from '../../config/nginx/site.ts'
import type { Visit } from '../../visit.ts'
import { readForwarded } from '../forwarded-address.ts'
import type { Scripts } from '../scripts.ts'
import { fieldValue } from '../variables/prefixes.ts'
import type { Making } from './made-variable.ts'
import { Stretches } from './stretches.ts'

type GeoConfig = Extract<VariableConfig, { kind: 'geo' }>

/** INADDR_NONE: what is no address, or one of a Unix socket, is looked for as this. */
const NO_ADDRESS: AddressWords = [0xffff_ffff]

/** Compiled once for all visits. */
export function geoValue(config: GeoConfig, scripts: Scripts): Making {
  const source = config.source === null ? null : scripts.text(config.source)
  const four = new Stretches(config.entries.filter(({ from }) => from.length === 1))
  const six = new Stretches(config.entries.filter(({ from }) => from.length === 4))
  return visit => {
    const said = source === null ? visit.client : source.of(visit)
    let address = readAddress(said)
    if (address !== null && config.proxies.length > 0) address = forwarded(address, config, visit)
    if (address === null) return four.find(NO_ADDRESS) ?? config.fallback
    const mapped = address.length === 4 ? mappedAddress(address) : address
    if (mapped !== null) return four.find(mapped) ?? config.fallback
    // With `ranges` there is nothing but IPv4.
    if (config.ranges) return four.find(NO_ADDRESS) ?? config.fallback
    return six.find(address) ?? config.fallback
  }
}

// ngx_http_get_forwarded_addr: a proxy that is known is asked whom it had before it, and perhaps that one in turn.
function forwarded(address: AddressWords, { proxies, recursive }: GeoConfig, visit: Visit): AddressWords {
  const chain =
    fieldValue(visit.headers, 'x-forwarded-for')
      ?.split(/[ ,]+/)
      .filter(each => each !== '') ?? []
  let found = address
  while (chain.length > 0 && proxies.some(range => isWithin(range, found))) {
    const before = readForwarded(chain.pop()!)
    if (before === null) return found
    found = readAddress(before.address)!
    if (!recursive) return found
  }
  return found
}
