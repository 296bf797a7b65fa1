// Which bytes may stand where in an HTTP/1.1 message, as tables. Knows no message.

export const HTAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20
export const COLON = 0x3a

function table(allowed: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (allowed(code) ? 1 : 0))
}

/** 1 for the characters of a token: methods and field names (RFC 9110 §5.6.2). */
export const TOKEN = table(code => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)))

/**
 * 1 for what a field value, a reason phrase or a chunk extension may hold: HTAB, SP, visible ASCII and the bytes
 * from 0x80 up (RFC 9110 §5.5). CR, LF, NUL, DEL and the other controls are 0.
 */
export const VALUE = table(code => code === HTAB || (code >= SP && code !== 0x7f))

/**
 * 1 for what a request target may hold. More than RFC 3986 allows, since browsers send `| { } ^` and bytes of
 * UTF-8 as they are; but no control, space, DEL, nor `#`: a fragment is never sent, and workers would read it
 * differently.
 */
export const TARGET = table(code => code > SP && code !== 0x7f && code !== 0x23)

/** The value of a hexadecimal digit, 255 for any other byte. */
export const HEX = Uint8Array.from({ length: 256 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16)
  return Number.isNaN(digit) ? 255 : digit
})
