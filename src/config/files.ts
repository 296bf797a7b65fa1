// Whether the files that the settings name can be used. Reads them to see, keeps nothing, changes nothing.

import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Why a file cannot be read, as the rest of a sentence, or null when it can. */
function unreadable(path: string): string | null {
  try {
    if (statSync(path).isDirectory()) return 'must be a file; this is a folder'
    accessSync(path, constants.R_OK)
    return null
  } catch (error) {
    return `must be a file that can be read; ${reason(error)}`
  }
}

/** What is wrong with a certificate and its key, if anything. Loads TLS, so it is called only when wanted. */
export function checkTls(cert: string, key: string): { cert: string | null; key: string | null } {
  const missing = { cert: unreadable(cert), key: unreadable(key) }
  if (missing.cert !== null || missing.key !== null) return missing
  const { createSecureContext } = process.getBuiltinModule('node:tls')
  const pem = readFileSync(cert)
  try {
    createSecureContext({ cert: pem })
  } catch (error) {
    return { cert: `must hold a certificate in PEM form; ${reason(error)}`, key: null }
  }
  try {
    createSecureContext({ cert: pem, key: readFileSync(key) })
  } catch (error) {
    return {
      cert: null,
      key: `must hold the private key of ${cert}, in PEM form and without a passphrase; ${reason(error)}`,
    }
  }
  return missing
}

/** Why lines cannot be appended to a file, or null when they can. The file itself need not exist. */
export function checkLogFile(path: string): string | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isDirectory()) return 'must be a file; this is a folder'
    // A new file needs its folder to be writable, one that is there only itself. The slash makes sure of a folder.
    accessSync(stat === undefined ? `${dirname(path)}/` : path, constants.W_OK)
    return null
  } catch (error) {
    return `must be a file that can be written; ${reason(error)}`
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is none of that name',
  EACCES: 'this user may not open it',
  ENOTDIR: 'a part of its path is not a folder',
  EROFS: 'the disk is read-only',
}

function reason(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return WORDS[code] ?? message
}
