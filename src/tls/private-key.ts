// Private keys that a password opens. Knows no files.

import { createPrivateKey } from 'node:crypto'
import { isLocked } from './pem-files.ts'

/** The lines of a password file that hold anything (ngx_ssl_read_password_file). */
export function passwordsIn(text: Buffer): Buffer[] {
  const lines = text.toString('latin1').split('\n')
  return lines
    .map(line => line.replace(/\r$/, ''))
    .filter(line => line !== '')
    .map(line => Buffer.from(line, 'latin1'))
}

/** The key without its password, each of which is tried in turn, as nginx does; null: none opens it. */
export function unlocked(pem: Buffer, passwords: readonly Buffer[]): Buffer | null {
  if (!isLocked(pem)) return pem
  for (const passphrase of passwords) {
    try {
      const key = createPrivateKey({ key: pem, passphrase })
      return Buffer.from(key.export({ type: 'pkcs8', format: 'pem' }))
    } catch {
      // The next may be the one.
    }
  }
  return null
}
