// The PROXY protocol's header, versions 1 and 2: what a proxy in front says of the connection, before anything else on it
// (https://www.haproxy.org/download/3.1/doc/proxy-protocol.txt). Strict: what is not such a header is refused. Pure.

import { isIP, isIPv4, isIPv6 } from 'node:net'

/** Whose the connection is, in that proxy's words. */
export interface Proxied {
  readonly peer: string
  readonly peerPort: number
  readonly localAddress: string
  readonly localPort: number
  /** What follows the addresses in version 2: types, lengths and values (§2.2.1), as they came. */
  readonly extras?: Buffer
}

export interface ProxyHeader {
  /** Null: the proxy speaks for itself (its health checks), or does not know. */
  readonly proxied: Proxied | null
  /** How many bytes the header takes. */
  readonly length: number
}

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const WORD = Buffer.from('PROXY ', 'latin1')
/** The longest line of version 1, with its CR LF (§2.1). */
const LONGEST_LINE = 107
/** The longest header of version 2 that is taken: addresses, and a few kilobytes of what may follow them. */
const LONGEST = 4096

/**
 * Reads the header that a connection begins with.
 * @returns null while it may still become one
 * @throws Error in words for the log when it cannot
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | null {
  if (beginsWith(bytes, SIGNATURE)) return bytes.length < SIGNATURE.length ? null : readBinary(bytes)
  if (beginsWith(bytes, WORD)) return readLine(bytes)
  throw broken(bytes)
}

function beginsWith(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length)
  return bytes.compare(start, 0, length, 0, length) === 0
}

function broken(bytes: Buffer): Error {
  return new Error(
    `the PROXY protocol’s header is broken: ${JSON.stringify(bytes.toString('latin1', 0, 40))}`,
  )
}

// PROXY TCP4 192.0.2.1 192.0.2.2 56324 443 CR LF
function readLine(bytes: Buffer): ProxyHeader | null {
  const end = bytes.indexOf(0x0a)
  if (end === -1) {
    if (bytes.length >= LONGEST_LINE) throw broken(bytes)
    return null
  }
  if (end >= LONGEST_LINE || bytes[end - 1] !== 0x0d) throw broken(bytes)
  const length = end + 1
  const words = bytes.toString('latin1', 0, end - 1).split(' ')
  if (words[1] === 'UNKNOWN') return { proxied: null, length }
  const [, family, peer = '', localAddress = '', peerPort = '', localPort = '', ...more] = words
  const fits = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : null
  if (fits === null || more.length > 0 || !fits(peer) || !fits(localAddress)) throw broken(bytes)
  if (!isPort(peerPort) || !isPort(localPort)) throw broken(bytes)
  return {
    proxied: { peer, peerPort: Number(peerPort), localAddress, localPort: Number(localPort) },
    length,
  }
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535
}

// Signature, version and command, family and protocol, the length of what follows (§2.2).
function readBinary(bytes: Buffer): ProxyHeader | null {
  if (bytes.length < 16) return null
  const command = bytes[12]!
  const family = bytes[13]!
  const length = 16 + bytes.readUInt16BE(14)
  if (command >> 4 !== 2 || (command & 0x0f) > 1 || length > LONGEST) throw broken(bytes)
  if (bytes.length < length) return null
  // LOCAL: the proxy's own connection; and families other than TCP over IP say nothing of use.
  if ((command & 0x0f) === 0) return { proxied: null, length }
  if (family === 0x11) return { proxied: addresses(bytes, length, 4), length }
  if (family === 0x21) return { proxied: addresses(bytes, length, 16), length }
  return { proxied: null, length }
}

function addresses(bytes: Buffer, length: number, size: 4 | 16): Proxied {
  const ports = 16 + 2 * size
  if (length < ports + 4) throw broken(bytes)
  const proxied = {
    peer: addressAt(bytes, 16, size),
    peerPort: bytes.readUInt16BE(ports),
    localAddress: addressAt(bytes, 16 + size, size),
    localPort: bytes.readUInt16BE(ports + 2),
  }
  // A copy: it is kept as long as the connection, and what it came in is not.
  return length === ports + 4
    ? proxied
    : { ...proxied, extras: Buffer.from(bytes.subarray(ports + 4, length)) }
}

function addressAt(bytes: Buffer, at: number, size: 4 | 16): string {
  if (size === 4) return bytes.subarray(at, at + 4).join('.')
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(at + 2 * index).toString(16))
  return shorten(groups.join(':'))
}

/** The short form of an IPv6 address (RFC 5952), as inet_ntop() writes it. */
function shorten(address: string): string {
  const mapped = /^0:0:0:0:0:ffff:([\da-f]+):([\da-f]+)$/.exec(address)
  if (mapped !== null) {
    const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)]
    return `::ffff:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
  }
  const url = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  return isIP(url) === 6 ? url : address
}
