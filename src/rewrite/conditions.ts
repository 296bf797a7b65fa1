// Whether the condition of an `if` holds, as nginx works it out. Looks at files without blocking; changes nothing but
// what a regular expression captures.

import { DiskFailure } from '../disk/failure.ts'
import { guardOf } from '../disk/guard.ts'
import { lookAt } from '../disk/open-file.ts'
import { forgetCaptures, noteCaptures } from '../script/captures.ts'
import { saysYes } from '../script/predicates.ts'
import type { Visit } from '../visit.ts'
import { capturedText } from './captured-text.ts'
import type { Test } from './program.ts'
import { logMatch } from './rewrite-log.ts'

/** @param quote what is captured gets escaped again */
export function holds(visit: Visit, test: Test, quote: boolean): boolean | Promise<boolean> {
  switch (test.kind) {
    case 'true':
      return saysYes(visit.text(test.value))
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

// ngx_http_script_file_code: links are followed as far as the place lets them be, and devices and sockets are nothing.
async function isOnDisk(visit: Visit, kind: OnDisk, path: string): Promise<boolean> {
  const facts = await lookAt(path, guardOf(visit, path))
  if (facts instanceof DiskFailure) {
    if (!facts.isAbsence) visit.site.logs.error('crit', facts.text, visit)
    return false
  }
  switch (kind) {
    case 'file':
      return facts.kind === 'file'
    case 'directory':
      return facts.kind === 'folder'
    case 'exists':
      return facts.kind !== 'other'
    case 'executable':
      return facts.executable
  }
}
