// Which symbolic links a place of a site lets be followed on the way to a file, from `disable_symlinks`
// (ngx_http_set_disable_symlinks). Opens nothing.

import type { Visit } from '../visit.ts'
import type { SymlinkGuard } from './open-file.ts'

/** Null: all may be followed. */
export function guardOf(visit: Visit, path: string): SymlinkGuard | null {
  const { mode, from } = visit.settings.disableSymlinks
  if (mode === 'off') return null
  const trusted = from === null ? '' : visit.text(from)
  if (trusted === '' || !path.startsWith(trusted)) return { mode, from: 0 }
  if (trusted.length === path.length) return null
  // It counts only where it ends with a component.
  if (path[trusted.length] === '/') return { mode, from: trusted.length }
  return { mode, from: trusted.endsWith('/') ? trusted.length - 1 : 0 }
}
