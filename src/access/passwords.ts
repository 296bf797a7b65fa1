// Whether a password is the one that a line of a password file was made from, in the formats that nginx takes: its own
// (`$apr1$`, `{PLAIN}`, `{SHA}`, `{SSHA}`) and those of Debian's crypt(3) but the newest. Reads no file.

import { createHash, hash, timingSafeEqual } from 'node:crypto'
import { bcrypt } from './bcrypt.ts'
import { desCrypt } from './des-crypt.ts'
import { md5Crypt } from './md5-crypt.ts'
import { shaCrypt } from './sha-crypt.ts'

/** A line in a format that is not known here; the message says what to do. */
export class UnknownFormat extends Error {}

/**
 * Whether the password fits. It may take long, and lets others run meanwhile.
 * @param stored what stands in the file behind the name; latin1, as the password
 * @throws UnknownFormat
 */
export async function passwordFits(password: string, stored: string): Promise<boolean> {
  // C's strings end there, so that nginx and crypt(3) never see what follows.
  const end = password.indexOf('\0')
  const key = Buffer.from(end === -1 ? password : password.slice(0, end), 'latin1')
  return same(await encrypted(key, stored), stored)
}

async function encrypted(key: Buffer, stored: string): Promise<string> {
  if (stored.startsWith('{PLAIN}')) return `{PLAIN}${key.toString('latin1')}`
  if (stored.startsWith('{SHA}')) return `{SHA}${hash('sha1', key, 'base64')}`
  if (stored.startsWith('{SSHA}')) return salted(key, stored)
  if (stored.startsWith('$apr1$')) return md5Crypt(key, stored, '$apr1$')
  if (stored.startsWith('$1$')) return md5Crypt(key, stored, '$1$')
  if (stored.startsWith('$5$')) return shaCrypt(key, stored, 'sha256')
  if (stored.startsWith('$6$')) return shaCrypt(key, stored, 'sha512')
  if (/^\$2[aby]\$/.test(stored)) return bcrypt(key, stored)
  if (/^[./\dA-Za-z]{13}$/.test(stored)) return desCrypt(key, stored)
  const [, format] = /^(\$[\w-]{1,8}\$|_|\{\w{1,16}\})/.exec(stored) ?? []
  if (format === undefined) return ''
  throw new UnknownFormat(
    `passwords of the kind "${format}" are not known here; make the line again with "openssl passwd -6" or "htpasswd -5"`,
  )
}

// base64(SHA1(password salt) salt): the salt is what stands behind the first 20 bytes.
function salted(key: Buffer, stored: string): string {
  const salt = Buffer.from(stored.slice('{SSHA}'.length), 'base64').subarray(20)
  const digest = createHash('sha1').update(key).update(salt).digest()
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`
}

// In a time that does not tell where they differ.
function same(a: string, b: string): boolean {
  const [one, other] = [a, b].map(text => hash('sha256', Buffer.from(text, 'latin1'), 'buffer'))
  return a !== '' && timingSafeEqual(one!, other!)
}
