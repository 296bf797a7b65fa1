// bcrypt (Provos and Mazières, 1999), as `htpasswd -B` writes it: `$2y$`, `$2b$`, `$2a$`. Its cost is its purpose; it lets
// others run in between.

import { setImmediate } from 'node:timers/promises'
import { Blowfish } from './blowfish.ts'

const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const TEXT = 'OrpheanBeholderScryDoubt'
const TIMES = 64
/** The result is one byte shorter than the text, by an old slip that became the format. */
const RESULT = 23
const LONGEST_KEY = 72
/** Above this one check takes minutes. */
const MOST_COST = 16
/** Rounds without a pause: about half a millisecond. */
const WITHOUT_PAUSE = 4

/** @param stored a line of this format, for its cost and salt; empty text: it is none */
export async function bcrypt(key: Buffer, stored: string): Promise<string> {
  const [, head, said, saltText] = /^(\$2[aby]\$(\d\d)\$)([./A-Za-z\d]{22})/.exec(stored) ?? []
  const cost = Number(said)
  if (head === undefined || saltText === undefined || cost < 4 || cost > MOST_COST) return ''
  const salt = wordsOf(decoded(saltText), 4)
  const keyWords = wordsOf(Buffer.concat([key, Buffer.alloc(1)]).subarray(0, LONGEST_KEY), 18)
  const cipher = new Blowfish()
  cipher.expand(keyWords, salt)
  for (let round = 0; round < 2 ** cost; round++) {
    cipher.expand(keyWords, null)
    cipher.expand(salt, null)
    if (round % WITHOUT_PAUSE === WITHOUT_PAUSE - 1) await setImmediate()
  }
  const words = wordsOf(Buffer.from(TEXT), 6)
  for (let at = 0; at < words.length; at += 2) cipher.encrypt(words, at, TIMES)
  const bytes = Buffer.alloc(24)
  for (const [at, word] of words.entries()) bytes.writeUInt32BE(word, at * 4)
  return head + saltText + encoded(bytes.subarray(0, RESULT))
}

// The bytes over and over, until there are so many words.
function wordsOf(bytes: Buffer, count: number): Uint32Array {
  const round = Buffer.alloc(count * 4, bytes)
  return Uint32Array.from({ length: count }, (_, at) => round.readUInt32BE(at * 4))
}

function decoded(text: string): Buffer {
  const bits = [...text].map(letter => ALPHABET.indexOf(letter).toString(2).padStart(6, '0')).join('')
  return Buffer.from(
    bits
      .slice(0, 128)
      .match(/.{8}/g)!
      .map(byte => Number.parseInt(byte, 2)),
  )
}

function encoded(bytes: Buffer): string {
  const bits = [...bytes].map(byte => byte.toString(2).padStart(8, '0')).join('')
  return bits
    .match(/.{1,6}/g)!
    .map(six => ALPHABET[Number.parseInt(six.padEnd(6, '0'), 2)]!)
    .join('')
}
