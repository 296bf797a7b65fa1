// `auth_basic`: whether a request brings a name and a password that the password file knows (ngx_http_auth_basic_module).

import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
import { fromFolder } from '../config/nginx/table.ts'
import { basicCredentials } from '../http1/basic-credentials.ts'
import type { Visit } from '../visit.ts'
import { PasswordFiles } from './password-file.ts'
import { UnknownFormat } from './passwords.ts'
import type { Verdict } from './verdict.ts'
import { Verified } from './verified.ts'

const files = new PasswordFiles()
const verified = new Verified()

/** Whether the settings ask for a password at all; a realm with variables may still come to `off`. */
export function asksForPassword(visit: Visit): boolean {
  const { authBasic, authUserFile } = visit.settings
  return authBasic !== null && authUserFile !== null && authBasic.text !== 'off'
}

/** The verdict of the password file; a 401 brings the challenge (RFC 7617). */
export async function checkPassword(visit: Visit): Promise<Verdict> {
  const { authBasic, authUserFile } = visit.settings
  const realm = visit.text(authBasic!)
  if (realm === 'off') return 'no opinion'
  const unknown: Verdict = { status: 401, fields: [['WWW-Authenticate', `Basic realm="${realm}"`]] }
  const credentials = basicCredentials(visit.headers.get('authorization'))
  if (credentials === null) {
    say(visit, 'info', 'no user/password was provided for basic authentication')
    return unknown
  }
  const { user, password } = credentials
  visit.remoteUser = user
  const path = pathOf(visit.text(authUserFile!), visit)
  try {
    const stored = await files.find(path, user)
    if (stored === null) {
      say(visit, 'error', `user "${user}" was not found in "${path}"`)
      return unknown
    }
    if (await verified.fits(password, stored, () => visit.exchange.clientPresent)) return 'welcome'
    say(visit, 'error', `user "${user}": password mismatch`)
    return unknown
  } catch (error) {
    return failure(visit, user, path, error as NodeJS.ErrnoException)
  }
}

// What cannot be checked is refused: 403 where there is no file, 500 for all else.
function failure(visit: Visit, user: string, path: string, error: NodeJS.ErrnoException): Verdict {
  if (error instanceof UnknownFormat) say(visit, 'crit', `user "${user}" in "${path}": ${error.message}`)
  else {
    const { syscall = 'open', errno } = error
    const why = errno === undefined ? error.message : `(${-errno}: ${sentence(getSystemErrorMessage(errno))})`
    // To look and to open are one to nginx.
    const what = syscall === 'read' ? 'pread' : 'open'
    say(visit, error.code === 'ENOENT' ? 'error' : 'crit', `${what}() "${path}" failed ${why}`)
  }
  return { status: error.code === 'ENOENT' ? 403 : 500, fields: [] }
}

// libuv's words begin in lower case, those of the C library do not.
function sentence(text: string): string {
  if (text === 'illegal operation on a directory') return 'Is a directory'
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function say(visit: Visit, level: 'info' | 'error' | 'crit', message: string): void {
  visit.site.logs.error(level, message, visit)
}

const folders = new WeakMap<object, string>()

// Relative paths begin at the folder of the configuration, and not at the prefix.
function pathOf(path: string, visit: Visit): string {
  const { config } = visit.site
  let folder = folders.get(config)
  if (folder === undefined) {
    const isFolder = statSync(config.file, { throwIfNoEntry: false })?.isDirectory() === true
    folder = isFolder ? config.file : dirname(config.file)
    folders.set(config, folder)
  }
  return fromFolder(path, { folder })
}
