// Whether the condition of an `if` holds, as nginx works it out. Looks at files without blocking; changes nothing but
// what a regular expression captures.

import { stat } from 'node:fs/promises'
import { forgetCaptures, noteCaptures } from '../script/captures.ts'
import type { Visit } from '../visit.ts'
import { capturedText } from './captured-text.ts'
import type { Test } from './program.ts'
import { logMatch } from './rewrite-log.ts'

/** @param quote what is captured gets escaped again */
export function holds(visit: Visit, test: Test, quote: boolean): boolean | Promise<boolean> {
  switch (test.kind) {
    case 'true': {
      const value = visit.text(test.value)
      return value !== '' && value !== '0'
    }
    case 'equal':
      return (visit.text(test.value) === capturedText(visit, test.other, quote)) !== test.negated
    case 'match': {
      const value = visit.text(test.value)
      const match = test.pattern.exec(value)
      if (match === null) forgetCaptures(visit)
      else noteCaptures(visit, match)
      logMatch(visit, test.written, value, match !== null)
      return (match !== null) !== test.negated
    }
    default:
      return isOnDisk(visit, test.kind, capturedText(visit, test.value, quote)).then(
        is => is !== test.negated,
      )
  }
}

type OnDisk = 'file' | 'directory' | 'exists' | 'executable'

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'])

// ngx_http_script_file_code: links are followed, devices and sockets are nothing, and who may execute is the owner.
async function isOnDisk(visit: Visit, kind: OnDisk, path: string): Promise<boolean> {
  try {
    const facts = await stat(Buffer.from(path, 'latin1'))
    if (kind === 'file') return facts.isFile()
    if (kind === 'directory') return facts.isDirectory()
    return kind === 'exists' ? facts.isFile() || facts.isDirectory() : (facts.mode & 0o100) !== 0
  } catch (error) {
    const { code = '', errno = 0 } = error as NodeJS.ErrnoException
    if (!ABSENT.has(code))
      visit.site.logs.error('crit', `stat() "${path}" failed (${-errno}: ${code})`, visit)
    return false
  }
}
