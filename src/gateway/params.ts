// What an app server that does not speak HTTP is told of a request: names and values, as CGI has them (RFC 3875 §4.1).
// Types, and what it means that a protocol has no room for them.

/** In the order in which they are sent; every byte a character. */
export type Params = readonly (readonly [name: string, value: string])[]

/** A request that cannot be told in its protocol; the message is for the error log. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
}

/** The bytes of a number, the lowest first. */
export function littleEndian16(number: number): string {
  return String.fromCharCode(number & 0xff, (number >> 8) & 0xff)
}

/** The same with the highest first. */
export function bigEndian16(number: number): string {
  return String.fromCharCode((number >> 8) & 0xff, number & 0xff)
}
