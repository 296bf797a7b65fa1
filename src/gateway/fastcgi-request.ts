// A request in FastCGI (its specification, version 1.0, §3 and §5): records of eight bytes of head, content and padding.
// One request a connection, so that its number is always 1. Knows no policy.

import { bigEndian16, GatewayError, type Params } from './params.ts'

/** Kinds of records (§8). */
const BEGIN_REQUEST = 1
const PARAMS = 4
const STDIN = 5

const RESPONDER = '\0\x01'
/** The connection is not kept: the app closes it after the answer (§5.1). */
const FLAGS = '\0'
const RESERVED = '\0\0\0\0\0'
const ZEROS = Array.from({ length: 8 }, (_, count) => '\0'.repeat(count))

/** All parameters go in one record, as with nginx. */
const MOST = 0xffff
/** Of a body in one record; content that ends at eight bytes needs no padding. */
export const MOST_IN_RECORD = 32 * 1024

/**
 * All before the body, as latin1.
 * @param body whether one follows; without one its end is said here
 * @throws GatewayError where the parameters are too many
 */
export function fastcgiHead(params: Params, body: boolean): string {
  let block = ''
  for (const [name, value] of params) block += lengthOf(name) + lengthOf(value) + name + value
  if (block.length > MOST)
    throw new GatewayError(
      `fastcgi request record is too big: ${block.length} bytes, and a record has room for ${MOST}`,
    )
  const begin = recordHead(BEGIN_REQUEST, 8) + RESPONDER + FLAGS + RESERVED
  const told = block === '' ? '' : recordHead(PARAMS, block.length) + block + padding(block.length)
  return begin + told + recordHead(PARAMS, 0) + (body ? '' : END_OF_STDIN)
}

/** What stands before a piece of a body that is so long, at most MOST_IN_RECORD. */
export function stdinHead(length: number): string {
  return recordHead(STDIN, length)
}

/** What fills a record up: §3.3 would have each end at a multiple of eight bytes. */
export function padding(length: number): string {
  return ZEROS[paddingOf(length)]!
}

/** The body is whole. */
export const END_OF_STDIN: string = recordHead(STDIN, 0)

function recordHead(type: number, length: number): string {
  return `\x01${String.fromCharCode(type)}\0\x01${bigEndian16(length)}${String.fromCharCode(paddingOf(length))}\0`
}

function paddingOf(length: number): number {
  return (8 - (length % 8)) % 8
}

// §3.4: one byte up to 127, else four with the highest bit set.
function lengthOf({ length }: string): string {
  if (length < 0x80) return String.fromCharCode(length)
  return bigEndian16(0x8000 | ((length >>> 16) & 0x7fff)) + bigEndian16(length & 0xffff)
}
