// Bruce Schneier's Blowfish, as far as bcrypt needs it: its tables, which are the digits of pi, and the two ways in which
// a key changes them. Pure.

const ROUNDS = 16
const SUBKEYS = ROUNDS + 2
const BOX = 256

/** The first 1,042 words of pi's fraction: 18 subkeys, then four boxes of 256 words. */
let digits: Uint32Array | null = null

function initial(): Uint32Array {
  if (digits !== null) return digits
  const words = SUBKEYS + 4 * BOX
  // Machin: pi = 16 arctan 1/5 - 4 arctan 1/239, in fixed point with 64 bits to spare.
  const scale = BigInt(words * 32 + 64)
  const arctan = (over: bigint): bigint => {
    let power = (1n << scale) / over
    let sum = power
    for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
      power /= over * over
      sum += (sign * power) / n
    }
    return sum
  }
  const fraction = (16n * arctan(5n) - 4n * arctan(239n) - (3n << scale)) >> 64n
  const hex = fraction.toString(16).padStart(words * 8, '0')
  digits = Uint32Array.from({ length: words }, (_, at) => Number.parseInt(hex.slice(at * 8, at * 8 + 8), 16))
  return digits
}

export class Blowfish {
  readonly #words = initial().slice()
  #left = 0
  #right = 0

  /** Mixes in a key, and a salt of four words where there is one; the key's words go round. */
  expand(key: Uint32Array, salt: Uint32Array | null): void {
    const words = this.#words
    for (let at = 0; at < SUBKEYS; at++) words[at]! ^= key[at % key.length]!
    this.#left = this.#right = 0
    for (let at = 0; at < words.length; at += 2) {
      if (salt !== null) {
        this.#left ^= salt[at & 3]!
        this.#right ^= salt[(at & 3) + 1]!
      }
      this.#encrypt()
      words[at] = this.#left
      words[at + 1] = this.#right
    }
  }

  /** Encrypts two words in place, `times` over. */
  encrypt(block: Uint32Array, at: number, times: number): void {
    this.#left = block[at]!
    this.#right = block[at + 1]!
    for (let time = 0; time < times; time++) this.#encrypt()
    block[at] = this.#left
    block[at + 1] = this.#right
  }

  #encrypt(): void {
    const words = this.#words
    let [left, right] = [this.#left, this.#right]
    for (let round = 0; round < ROUNDS; round += 2) {
      left ^= words[round]!
      right ^= this.#mixed(left)
      right ^= words[round + 1]!
      left ^= this.#mixed(right)
    }
    this.#left = right ^ words[ROUNDS + 1]!
    this.#right = left ^ words[ROUNDS]!
  }

  #mixed(word: number): number {
    const words = this.#words
    const sum = words[SUBKEYS + (word >>> 24)]! + words[SUBKEYS + BOX + ((word >>> 16) & 255)]!
    return (
      ((sum ^ words[SUBKEYS + 2 * BOX + ((word >>> 8) & 255)]!) + words[SUBKEYS + 3 * BOX + (word & 255)]!) |
      0
    )
  }
}
