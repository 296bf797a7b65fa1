// Ulrich Drepper's SHA crypt (`$5$` and `$6$`), by his specification of 2007. Thousands of rounds: it lets others run in
// between.

import { hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { inOrder } from './crypt-base64.ts'

const ROUNDS = 5000
const [FEWEST, MOST] = [1000, 999_999_999]
/** As many go on without a pause: less than half a millisecond. */
const WITHOUT_PAUSE = 250
/** Longer keys are an attack on whoever has to hash them (as in libxcrypt). */
const LONGEST_KEY = 512

type Kind = 'sha256' | 'sha512'

const ORDERS: Readonly<Record<Kind, readonly (readonly number[])[]>> = {
  sha256: [...rotating([0, 10, 20], 10, ([a, b, c]) => [c + 1, a + 1, b + 1]), [31, 30]],
  sha512: [...rotating([0, 21, 42], 21, ([a, b, c]) => [b + 1, c + 1, a + 1]), [63]],
}

type Three = readonly [number, number, number]

function rotating(first: Three, count: number, next: (before: Three) => Three): Three[] {
  const all = [first]
  while (all.length < count) all.push(next(all.at(-1)!))
  return all
}

/** @param stored a line of this format, for its salt and rounds; empty text: it is none */
export async function shaCrypt(key: Buffer, stored: string, kind: Kind): Promise<string> {
  const [, magic, said, saltText] = /^(\$[56]\$)(?:rounds=(\d{1,9})\$)?([^$]{0,16})/.exec(stored) ?? []
  if (magic === undefined || saltText === undefined || key.length > LONGEST_KEY) return ''
  const rounds = said === undefined ? ROUNDS : Math.min(Math.max(Number(said), FEWEST), MOST)
  const salt = Buffer.from(saltText, 'latin1')
  const digestOf = (parts: readonly Buffer[]): Buffer => hash(kind, Buffer.concat(parts), 'buffer')

  const other = digestOf([key, salt, key])
  const parts = [key, salt, repeated(other, key.length)]
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? other : key)
  let digest = digestOf(parts)
  const longKey = repeated(digestOf(new Array<Buffer>(key.length).fill(key)), key.length)
  const longSalt = repeated(digestOf(new Array<Buffer>(16 + digest[0]!).fill(salt)), salt.length)
  for (let round = 0; round < rounds; round++) {
    const odd = (round & 1) === 1
    const mixed = [odd ? longKey : digest]
    if (round % 3 !== 0) mixed.push(longSalt)
    if (round % 7 !== 0) mixed.push(longKey)
    mixed.push(odd ? digest : longKey)
    digest = digestOf(mixed)
    if (round % WITHOUT_PAUSE === WITHOUT_PAUSE - 1) await setImmediate()
  }
  const says = said === undefined ? '' : `rounds=${rounds}$`
  return `${magic}${says}${saltText}$${inOrder(digest, ORDERS[kind])}`
}

function repeated(digest: Buffer, length: number): Buffer {
  return Buffer.alloc(length, digest)
}
