// `allow` and `deny`: what the rules say of an address (ngx_http_access_module). Pure.

import type { AccessRule } from '../config/nginx/modules/access.ts'
import { type AddressWords, isWithin, mappedAddress, readAddress } from '../config/nginx/range.ts'

/** What the first rule that fits says; null: none fits. @param client an address, or `unix:` */
export function ruleFor(rules: readonly AccessRule[], client: string): 'allow' | 'deny' | null {
  if (rules.length === 0) return null
  const address = client.startsWith('unix:') ? 'unix' : familiar(readAddress(client), rules)
  for (const { allow, who } of rules) {
    if (who === 'all' || fits(who, address)) return allow ? 'allow' : 'deny'
  }
  return null
}

function fits(who: Exclude<AccessRule['who'], 'all'>, address: AddressWords | 'unix' | null): boolean {
  if (who === 'unix' || address === 'unix') return who === address
  return address !== null && isWithin(who, address)
}

// An IPv4 client of an IPv6 listener is judged by the rules for IPv4, where there are any.
function familiar(address: AddressWords | null, rules: readonly AccessRule[]): AddressWords | null {
  const mapped = address === null ? null : mappedAddress(address)
  const hasV4 = ({ who }: AccessRule) => who === 'all' || (who !== 'unix' && who.words.length === 1)
  return mapped !== null && rules.some(hasV4) ? mapped : address
}
