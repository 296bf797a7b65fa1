// The bytes of a client's address that `ip_hash` goes by.

import { isIPv4, isIPv6 } from 'node:net'

/** Three of IPv4, all sixteen of IPv6; of anything else, such as a Unix socket, three zeros. */
export function addressBytes(address: string): readonly number[] {
  if (isIPv4(address)) return address.split('.', 3).map(Number)
  if (!isIPv6(address)) return [0, 0, 0]
  const [before = '', after] = (address.split('%', 1)[0] as string).split('::', 2)
  const head = groups(before)
  const tail = after === undefined ? [] : groups(after)
  const zeros =
    after === undefined ? [] : new Array<number>(Math.max(0, 16 - head.length - tail.length)).fill(0)
  return [...head, ...zeros, ...tail]
}

function groups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap(group => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 255]
  })
}
