// Which file a URI stands for, by `root` and `alias` (ngx_http_map_uri_to_path): for those who serve files and for the
// variables that name them. Text in, text out; it never looks at a disk.

import { isAbsolute } from 'node:path'
import type { Visit } from '../visit.ts'

/** A URI on disk: `path`, and how much of it is the root's or the alias's own part. */
export interface FileName {
  readonly path: string
  /** Length of what the configuration said; what comes after it came with the request. */
  readonly root: number
}

/** The path of the visit's root or alias, absolute: `$document_root`. */
export function documentRoot(visit: Visit): string {
  const { path } = visit.settings.root
  return absolute(visit, visit.text(path))
}

/** Where the URI is looked for: `$request_filename`. Whether anything is there is another matter. Null: nowhere. */
export function filenameOf(visit: Visit): string | null {
  return isFit(visit) ? mapUri(visit).path : null
}

/** False: an alias should take the place of a part that the URI has no more. */
export function isFit({ settings, validLocation }: Visit): boolean {
  return settings.root.replaces === 0 || validLocation
}

/**
 * The same, in its two parts. An alias takes the place of its location's part of the URI; in a location that is a
 * regular expression, of all of it, unless `try_files` found something below the alias.
 */
export function mapUri(visit: Visit): FileName {
  const { replaces } = visit.settings.root
  const root = documentRoot(visit)
  if (replaces === 'all')
    return { path: visit.belowAlias === visit.uri ? root + visit.uri : root, root: root.length }
  return { path: root + visit.uri.slice(replaces), root: root.length }
}

// ngx_get_full_name: put behind the prefix as it is, with nothing resolved.
function absolute(visit: Visit, path: string): string {
  return isAbsolute(path) || path === '' ? path : `${inBytes(visit.site.config.prefix)}/${path}`
}

// The prefix comes from the command line and is text; all else is bytes, a character each.
function inBytes(text: string): string {
  return /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}
