// Who is believed: the one place that decides whether a peer's forwarding headers count, who the client is,
// and by which scheme it came. Pure but for what is remembered of peers; writes no header (that is `request/`'s).

import { isIP, SocketAddress } from 'node:net'
import { PRESETS } from '../config/cidrs.ts'
import { CLOUDFLARE_RANGES } from '../config/cloudflare-ranges.ts'
import {
  type AddressRange,
  isWithin,
  mappedAddress,
  readPlainAddress,
  readRange,
  unmapped,
} from '../config/nginx/range.ts'
import type { HeaderList } from '../http1/headers.ts'

/** What the proxy believes about where a request came from. */
export interface Identity {
  /** The peer is one whose forwarding headers are believed. */
  readonly trusted: boolean
  /** The client's address: the rightmost in the chain that is not a trusted proxy. */
  readonly client: string
  readonly proto: 'http' | 'https'
  /**
   * Whether X-Forwarded-Host and -Port count: from a trusted peer other than Cloudflare, which sets neither and
   * passes on what a visitor wrote.
   */
  readonly hostBelieved: boolean
}

/** Longest chain that is looked at; what lies to the left of it is hearsay anyway. */
const MAX_HOPS = 32

/** What stands for the address of whoever comes through a Unix socket. */
export const UNIX_PEER = 'unix:'

/** What inet_ntop does not write, or seldom. */
const IN_OTHER_WORDS = /[A-F.]|(?:^|:)0/

/**
 * The address without a zone, as connections have it; that of IPv4 where it stands for one (`::ffff:1.2.3.4`). However it
 * is written, one client has one name, and with it one share of the workers.
 */
export function normaliseAddress(address: string): string {
  // Hot: most are of IPv4, and hold no colon.
  if (!address.includes(':')) return address
  const zone = address.indexOf('%')
  const plain = zone === -1 ? address : address.slice(0, zone)
  const short = unmapped(plain)
  if (!short.includes(':') || !IN_OTHER_WORDS.test(short)) return short
  return new SocketAddress({ address: short, family: 'ipv6' }).address
}

/** Addresses of peers that an answer is remembered for; edges have some dozens. */
const REMEMBERED = 256

/**
 * Ranges of addresses, compared as numbers: Node's BlockList makes two objects outside the heap for each look-up, of
 * which a request with a chain needs two (with them `identify` was 6 % of a profile).
 */
class Ranges {
  readonly #ranges: readonly AddressRange[]
  readonly #peers = new Map<string, boolean>()

  /** @throws when one is none: those that people wrote were checked before */
  constructor(cidrs: readonly string[]) {
    this.#ranges = cidrs.map(cidr => {
      const read = readRange(cidr)
      if (read === null) throw new Error(`no range of addresses: ${cidr}`)
      const { words, bits } = read.range
      const plain = bits < 96 ? null : mappedAddress(words)
      return plain === null ? read.range : { words: plain, bits: bits - 96 }
    })
  }

  contains(address: string): boolean {
    const words = readPlainAddress(address)
    if (words === null) return false
    for (const range of this.#ranges) if (isWithin(range, words)) return true
    return false
  }

  /** The same of a peer, which asks with each of its requests. */
  containsPeer(address: string): boolean {
    let answer = this.#peers.get(address)
    if (answer === undefined) {
      answer = this.contains(address)
      if (this.#peers.size >= REMEMBERED) this.#peers.clear()
      this.#peers.set(address, answer)
    }
    return answer
  }
}

const privateRanges = new Ranges(PRESETS.private ?? [])

/** Whether an address is of a private network or this machine. */
export function isPrivate(address: string): boolean {
  return address === UNIX_PEER || privateRanges.containsPeer(address)
}

export class Trust {
  readonly #trusted: Ranges
  readonly #cloudflare: Ranges
  readonly #clientField: string | null

  /** @param clientField the field in which the edge names the client, whatever the client itself sent; null: none */
  constructor(trustedProxies: readonly string[], clientField: string | null = null) {
    this.#clientField = clientField
    this.#trusted = new Ranges(trustedProxies)
    this.#cloudflare = new Ranges(CLOUDFLARE_RANGES)
  }

  /** Whether a peer is believed. A Unix socket is reached by local processes only, which its mode governs. */
  believes(peer: string): boolean {
    return peer === UNIX_PEER || this.#trusted.containsPeer(peer)
  }

  /**
   * Who sent this, by the chain of `X-Forwarded-For` as far as it is trusted. `CF-Connecting-IP` counts only
   * when every hop from us to an address of Cloudflare's is trusted.
   */
  identify(peer: string, trusted: boolean, secure: boolean, headers: HeaderList): Identity {
    if (!trusted) return { trusted, client: peer, proto: secure ? 'https' : 'http', hostBelieved: false }
    const named = this.#clientField === null ? '' : hopAddress(headers.get(this.#clientField) ?? '')
    // Where that one is a trusted proxy itself, another edge stands before this one: the chain tells more.
    if (named !== '' && !this.#trusted.contains(named)) {
      return { trusted, client: named, proto: scheme(headers, secure), hostBelieved: true }
    }
    const chain = headers.list('x-forwarded-for')
    let client = peer
    const fromCloudflare = this.#cloudflare.containsPeer(peer)
    let viaCloudflare = fromCloudflare
    for (let i = chain.length - 1, hops = 0; i >= 0 && hops < MAX_HOPS; i--, hops++) {
      const hop = hopAddress(chain[i]!)
      // What is no address was written by somebody beyond the last hop that can be believed.
      if (hop === '') break
      client = hop
      if (!this.#trusted.contains(hop)) break
      viaCloudflare ||= this.#cloudflare.contains(hop)
    }
    const connecting = viaCloudflare ? hopAddress(headers.get('cf-connecting-ip') ?? '') : ''
    if (connecting !== '') client = connecting
    return { trusted, client, proto: scheme(headers, secure), hostBelieved: !fromCloudflare }
  }
}

// One member of X-Forwarded-For; some proxies add the port. Empty when it is not an address.
function hopAddress(member: string): string {
  let text = member.trim()
  if (isIP(text) !== 0) return normaliseAddress(text)
  if (text !== '') {
    const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)
    const withPort = /^([\d.]+):\d+$/.exec(text)
    text = bracketed?.[1] ?? withPort?.[1] ?? text
  }
  return isIP(text) === 0 ? '' : normaliseAddress(text)
}

// One word, the nearest trusted peer's; anything else than the two schemes is not passed on.
function scheme(headers: HeaderList, secure: boolean): 'http' | 'https' {
  const value = headers.get('x-forwarded-proto')
  const word =
    value === undefined
      ? ''
      : value
          .slice(value.lastIndexOf(',') + 1)
          .trim()
          .toLowerCase()
  if (word === 'https' || word === 'wss') return 'https'
  if (word === 'http' || word === 'ws') return 'http'
  return secure ? 'https' : 'http'
}
