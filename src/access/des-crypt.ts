// The crypt(3) of Unix since its seventh edition: 25 rounds of DES (FIPS 46-3) over zeros, with the expansion changed by
// two letters of salt. Only for password files that still hold such lines: it minds the first eight letters only. Pure.

import { letters, numberOf } from './crypt-base64.ts'

const TIMES = 25

// FIPS 46-3: places of bits, from 1 and the uppermost.
const list = (text: string): readonly number[] => text.split(' ').map(Number)
const FINAL = list(
  '40 8 48 16 56 24 64 32 39 7 47 15 55 23 63 31 38 6 46 14 54 22 62 30 37 5 45 13 53 21 61 29 ' +
    '36 4 44 12 52 20 60 28 35 3 43 11 51 19 59 27 34 2 42 10 50 18 58 26 33 1 41 9 49 17 57 25',
)
const EXPANSION = list(
  '32 1 2 3 4 5 4 5 6 7 8 9 8 9 10 11 12 13 12 13 14 15 16 17 16 17 18 19 20 21 20 21 22 23 24 25 ' +
    '24 25 26 27 28 29 28 29 30 31 32 1',
)
const PERMUTATION = list(
  '16 7 20 21 29 12 28 17 1 15 23 26 5 18 31 10 2 8 24 14 32 27 3 9 19 13 30 6 22 11 4 25',
)
const CHOICE_1 = list(
  '57 49 41 33 25 17 9 1 58 50 42 34 26 18 10 2 59 51 43 35 27 19 11 3 60 52 44 36 ' +
    '63 55 47 39 31 23 15 7 62 54 46 38 30 22 14 6 61 53 45 37 29 21 13 5 28 20 12 4',
)
const CHOICE_2 = list(
  '14 17 11 24 1 5 3 28 15 6 21 10 23 19 12 4 26 8 16 7 27 20 13 2 ' +
    '41 52 31 37 47 55 30 40 51 45 33 48 44 49 39 56 34 53 46 42 50 36 29 32',
)
const SHIFTS = list('1 1 2 2 2 2 2 2 1 2 2 2 2 2 2 1')
// The boxes: 64 entries each, one hexadecimal digit an entry, the four rows of the standard one after the other.
const BOXES = [
  'e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d',
  'f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9',
  'a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c',
  '7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e',
  '2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453',
  'c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d',
  '4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c',
  'd2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b',
].map(box => [...box].map(digit => Number.parseInt(digit, 16)))

type Bits = number[]

/** @param stored two letters of salt and eleven of the result */
export function desCrypt(key: Buffer, stored: string): string {
  const salt = stored.slice(0, 2)
  const expansion = salted(salt)
  const keys = keysOf(key)
  let [left, right]: [Bits, Bits] = [new Array(32).fill(0), new Array(32).fill(0)]
  for (let time = 0; time < TIMES; time++) {
    for (const each of keys) [left, right] = [right, mixed(left, right, each, expansion)]
    ;[left, right] = [right, left]
  }
  const bits = [...picked([...left, ...right], FINAL), 0, 0]
  let text = salt
  for (let at = 0; at < bits.length; at += 6) text += letters(numberIn(bits.slice(at, at + 6)), 1)
  return text
}

// Each bit of the salt exchanges two places of the expansion.
function salted(salt: string): readonly number[] {
  const places = [...EXPANSION]
  for (const [which, letter] of [...salt].entries()) {
    for (let bit = 0; bit < 6; bit++) {
      if (((numberOf(letter) >> bit) & 1) === 0) continue
      const at = which * 6 + bit
      ;[places[at], places[at + 24]] = [places[at + 24]!, places[at]!]
    }
  }
  return places
}

// Seven bits of each letter, and where the standard has the parity nothing.
function keysOf(key: Buffer): Bits[] {
  const bits: Bits = []
  for (let at = 0; at < 8; at++)
    for (let bit = 6; bit >= -1; bit--) bits.push(bit < 0 ? 0 : ((key[at] ?? 0) >> bit) & 1)
  const chosen = picked(bits, CHOICE_1)
  let [c, d] = [chosen.slice(0, 28), chosen.slice(28)]
  return SHIFTS.map(shift => {
    c = [...c.slice(shift), ...c.slice(0, shift)]
    d = [...d.slice(shift), ...d.slice(0, shift)]
    return picked([...c, ...d], CHOICE_2)
  })
}

function mixed(left: Bits, right: Bits, key: Bits, expansion: readonly number[]): Bits {
  const wide = picked(right, expansion).map((bit, at) => bit ^ key[at]!)
  const out: Bits = []
  for (const [which, box] of BOXES.entries()) {
    const six = wide.slice(which * 6, which * 6 + 6)
    const row = six[0]! * 2 + six[5]!
    const value = box[row * 16 + numberIn(six.slice(1, 5))]!
    out.push((value >> 3) & 1, (value >> 2) & 1, (value >> 1) & 1, value & 1)
  }
  return picked(out, PERMUTATION).map((bit, at) => bit ^ left[at]!)
}

function picked(bits: readonly number[], places: readonly number[]): Bits {
  return places.map(place => bits[place - 1]!)
}

function numberIn(bits: readonly number[]): number {
  return bits.reduce((sum, bit) => sum * 2 + bit, 0)
}
