// The alphabet of crypt(3), and its way of writing bytes with it: groups of up to three, lowest six bits first. Pure.

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** `count` letters of a number, lowest bits first. */
export function letters(value: number, count: number): string {
  let text = ''
  for (let at = 0; at < count; at++) text += ALPHABET[(value >>> (6 * at)) & 63]
  return text
}

/** The number that a letter stands for; -1: it is none. */
export function numberOf(letter: string): number {
  return ALPHABET.indexOf(letter)
}

/** A digest in the order of bytes that its format asks for: three to four letters, what is left to fewer. */
export function inOrder(digest: Buffer, order: readonly (readonly number[])[]): string {
  return order
    .map(places => {
      const value = places.reduce((sum, place) => sum * 256 + digest[place]!, 0)
      return letters(value, places.length === 3 ? 4 : places.length === 2 ? 3 : 2)
    })
    .join('')
}
