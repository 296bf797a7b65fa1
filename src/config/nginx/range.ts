// Ranges of addresses as nginx writes them (`10.0.0.0/8`, `fd00::/8`, one address), as plain numbers that compare
// fast. Knows no names and no policy.

/** An address: one 32-bit word for IPv4, four for IPv6. */
export type AddressWords = readonly number[]

export interface AddressRange {
  /** The base, with nothing set beyond the prefix. */
  readonly words: AddressWords
  readonly bits: number
}

/** Reads a range; null: it is none. `masked`: bits beyond the prefix were set, and have been cleared (ngx_ptocidr). */
export function readRange(text: string): { readonly range: AddressRange; readonly masked: boolean } | null {
  const slash = text.indexOf('/')
  const words = readAddress(slash === -1 ? text : text.slice(0, slash))
  if (words === null) return null
  const most = words.length * 32
  const prefix = slash === -1 ? String(most) : text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > most) return null
  const bits = Number(prefix)
  const base = words.map((word, at) => (word & maskOf(bits - at * 32)) >>> 0)
  return { range: { words: base, bits }, masked: base.some((word, at) => word !== words[at]) }
}

/** Whether the address lies in the range; addresses of the other family never do. */
export function isWithin({ words, bits }: AddressRange, address: AddressWords): boolean {
  if (words.length !== address.length) return false
  for (let at = 0; at < words.length && bits > at * 32; at++) {
    if (((words[at]! ^ address[at]!) & maskOf(bits - at * 32)) !== 0) return false
  }
  return true
}

/** The IPv4 address within `::ffff:1.2.3.4`; null: the address is none of those. */
export function mappedAddress(words: AddressWords): AddressWords | null {
  const mapped = words.length === 4 && words[0] === 0 && words[1] === 0 && words[2] === 0xffff
  return mapped ? [words[3]!] : null
}

/**
 * The text of an address; where it stands for one of IPv4, that one's, however it is written. One client has one name.
 * @param text an address without a zone
 */
export function unmapped(text: string): string {
  // Whoever writes one of those has a group of `ffff` in it, behind zeros alone.
  if (!/^[0:]+ffff:/i.test(text)) return text
  const words = readPlainAddress(text)
  if (words?.length !== 1) return text
  const word = words[0]!
  return [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255].join('.')
}

/** Reads an address; one within `::ffff:0:0/96` is the IPv4 address that it stands for. Null: it is none. */
export function readPlainAddress(text: string): AddressWords | null {
  const words = readAddress(text)
  return words === null ? null : (mappedAddress(words) ?? words)
}

/** Reads an address, a zone (`%eth0`) apart; null: it is none. */
export function readAddress(text: string): AddressWords | null {
  if (!text.includes(':')) {
    const word = readQuad(text)
    return word === -1 ? null : [word]
  }
  const zone = text.indexOf('%')
  return readGroups(zone === -1 ? text : text.slice(0, zone))
}

// The `bits` uppermost bits of a word. A shift by 32 would be one by 0.
function maskOf(bits: number): number {
  return bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits)
}

// Four decimal numbers, with as many zeros before them as anybody likes (ngx_inet_addr); -1: it is none.
function readQuad(text: string): number {
  let [word, part, digits, dots] = [0, 0, 0, 0]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x2e) {
      if (digits === 0 || ++dots > 3) return -1
      word = word * 256 + part
      part = digits = 0
    } else {
      if (code < 0x30 || code > 0x39) return -1
      digits++
      part = part * 10 + code - 0x30
      if (part > 255) return -1
    }
  }
  return dots === 3 && digits > 0 ? word * 256 + part : -1
}

// RFC 4291 §2.2.
function readGroups(text: string): AddressWords | null {
  if (text.length > 45) return null
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [left, right] = halves.map((half, at) => groupsOf(half, at === halves.length - 1)) as [
    number[] | null,
    (number[] | null)?,
  ]
  if (left === null || right === null) return null
  const missing = 8 - left.length - (right?.length ?? 0)
  if (right === undefined ? missing !== 0 : missing < 1) return null
  const groups = [...left, ...new Array<number>(missing).fill(0), ...(right ?? [])]
  return [0, 2, 4, 6].map(at => groups[at]! * 65_536 + groups[at + 1]!)
}

// The last group may be an IPv4 address.
function groupsOf(text: string, isLast: boolean): number[] | null {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [at, part] of parts.entries()) {
    if (isLast && at === parts.length - 1 && part.includes('.')) {
      const word = readQuad(part)
      if (word === -1) return null
      groups.push(word >>> 16, word & 0xffff)
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return null
  }
  return groups
}
