// Poul-Henning Kamp's MD5 crypt, under FreeBSD's name (`$1$`) and Apache's (`$apr1$`). Pure.

import { hash } from 'node:crypto'
import { inOrder } from './crypt-base64.ts'

const ROUNDS = 1000
const ORDER = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]]
const NUL = Buffer.alloc(1)

/** @param stored a line of this format, for its salt */
export function md5Crypt(key: Buffer, stored: string, magic: '$1$' | '$apr1$'): string {
  const saltText = /^[^$]{0,8}/.exec(stored.slice(magic.length))![0]
  const salt = Buffer.from(saltText, 'latin1')
  const other = md5([key, salt, key])
  const parts: Buffer[] = [key, Buffer.from(magic), salt]
  for (let left = key.length; left > 0; left -= 16) parts.push(other.subarray(0, Math.min(left, 16)))
  // A slip of the original that became the format: the first byte of the key, or a zero.
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? NUL : key.subarray(0, 1))
  let digest = md5(parts)
  for (let round = 0; round < ROUNDS; round++) {
    const odd = (round & 1) === 1
    const mixed = [odd ? key : digest]
    if (round % 3 !== 0) mixed.push(salt)
    if (round % 7 !== 0) mixed.push(key)
    mixed.push(odd ? digest : key)
    digest = md5(mixed)
  }
  return `${magic}${saltText}$${inOrder(digest, ORDER)}`
}

function md5(parts: readonly Buffer[]): Buffer {
  return hash('md5', Buffer.concat(parts), 'buffer')
}
