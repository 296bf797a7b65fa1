// Address ranges for trust: CIDRs, single addresses, and the named sets. Strict, since a range that is wider
// than meant lets strangers say who they are. Does not match addresses; that is the listener's work.

import { isIPv4, isIPv6 } from 'node:net'
import { CLOUDFLARE_RANGES } from './cloudflare-ranges.ts'
import type { Cidr } from './config.ts'
import type { Reading } from './reading.ts'

/** Sets that can be named instead of written out. */
export const PRESETS: Readonly<Record<string, readonly Cidr[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  // RFC 1918 and RFC 4193, and loopback with them, as in Caddy's `private_ranges`.
  private: ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
  cloudflare: CLOUDFLARE_RANGES,
}

const FORMS = `must be an address or a range such as 192.0.2.7, 10.0.0.0/8 or fd00::/8, or one of ${Object.keys(PRESETS).join(', ')}`

/** Reads one range or the name of a set. A single address becomes a range of one. */
export function readCidrs(text: string): Reading<readonly Cidr[]> {
  const preset = Object.hasOwn(PRESETS, text.toLowerCase()) ? PRESETS[text.toLowerCase()] : undefined
  if (preset !== undefined) return { value: preset }
  const slash = text.indexOf('/')
  const address = slash === -1 ? text : text.slice(0, slash)
  const width = isIPv4(address) ? 32 : isIPv6(address) && !address.includes('%') ? 128 : 0
  if (width === 0) return { allowed: FORMS }
  const prefix = slash === -1 ? String(width) : text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > width) {
    return { allowed: `must have a prefix length from 0 to ${width} after the slash` }
  }
  const bits = Number(prefix)
  const number = toNumber(address)
  const base = (number >> BigInt(width - bits)) << BigInt(width - bits)
  if (base !== number) {
    // nginx warns and masks; here the two readings differ in whom they trust, so the person decides.
    const range = `${toText(base, width)}/${bits}`
    return {
      allowed: `has bits set beyond its prefix; write ${range} for the range, or ${address} for the one address`,
    }
  }
  return { value: [`${address.toLowerCase()}/${bits}`] }
}

function toNumber(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((n, part) => (n << 8n) | BigInt(part), 0n)
  return groups(address).reduce((n, group) => (n << 16n) | BigInt(group), 0n)
}

/** The eight groups of an IPv6 address that `isIPv6` has accepted. */
function groups(address: string): number[] {
  let text = address
  const v4 = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text)
  if (v4 !== null) {
    const [high, low] = [Number(v4[2]) * 256 + Number(v4[3]), Number(v4[4]) * 256 + Number(v4[5])]
    text = `${v4[1]}${high.toString(16)}:${low.toString(16)}`
  }
  const [head = '', tail] = text.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : new Array<string>(8 - left.length - right.length).fill('0')
  return [...left, ...zeros, ...right].map(group => Number.parseInt(group, 16))
}

function toText(number: bigint, width: number): string {
  if (width === 32) return [24n, 16n, 8n, 0n].map(shift => (number >> shift) & 255n).join('.')
  const hex = number.toString(16).padStart(32, '0').match(/.{4}/g) ?? []
  // The longest form is right and unambiguous; the shortest one for trailing zeros is what people write.
  return hex
    .map(group => group.replace(/^0{1,3}/, ''))
    .join(':')
    .replace(/(:0)+$/, '::')
}
