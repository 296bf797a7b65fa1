// Passwords that have been checked, so that a client that sends its own with every request is not hashed for each: a check
// is meant to be dear, and the event loop serves everybody. Keeps no password, only a keyed digest that dies with the
// process.

import { createHmac, randomBytes } from 'node:crypto'
import { passwordFits } from './passwords.ts'

const KEPT = 1_000

export class Verified {
  readonly #key = randomBytes(32)
  /** Of those that fitted, the latest last. */
  readonly #fitting = new Set<string>()
  /** Checks take their turn: many at once would only keep each other from ending. */
  #turn: Promise<unknown> = Promise.resolve()

  /**
   * Whether the password fits what is stored.
   * @param isWanted asked when its turn has come; a check that nobody waits for is left out, and has not fitted
   * @throws UnknownFormat
   */
  async fits(password: string, stored: string, isWanted: () => boolean): Promise<boolean> {
    const digest = createHmac('sha256', this.#key).update(`${stored.length} ${stored}${password}`, 'latin1')
    const name = digest.digest('base64')
    if (this.#fitting.delete(name)) {
      this.#fitting.add(name)
      return true
    }
    const check = this.#turn.then(() => isWanted() && passwordFits(password, stored))
    this.#turn = check.catch(() => {})
    if (!(await check)) return false
    this.#fitting.add(name)
    if (this.#fitting.size > KEPT) this.#fitting.delete(this.#fitting.values().next().value!)
    return true
  }
}
