// Private keys that a password opens. Knows no files.

import { createPrivateKey } from 'node:crypto'
import { isLocked } from './pem-files.ts'

/** The key without its password, each of which is tried in turn, as nginx does; null: none opens it. */
export function unlocked(pem: Buffer, passwords: readonly string[]): Buffer | null {
  if (!isLocked(pem)) return pem
  for (const password of passwords) {
    try {
      const key = createPrivateKey({ key: pem, passphrase: Buffer.from(password, 'latin1') })
      return Buffer.from(key.export({ type: 'pkcs8', format: 'pem' }))
    } catch {
      // The next may be the one.
    }
  }
  return null
}
