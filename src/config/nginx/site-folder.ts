// Where a relative name in a configuration file leads: beside the main file, or, where that is one of a folder of sites
// that is read alone, one folder further up, where the nginx.conf is that includes it. Opens nothing.

import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Folders whose files `nginx.conf` includes. */
const SITES = /^(?:conf\.d|http\.d|sites-(?:enabled|available))$/

/**
 * @param folder the main file's own
 * @param there tells which of the two is meant; where neither is, it is the main file's
 */
export function besideMainFile(
  folder: string,
  name: string,
  there: (path: string) => boolean = existsSync,
): string {
  const path = join(folder, name)
  if (!SITES.test(basename(folder)) || there(path)) return path
  const above = join(dirname(folder), name)
  return there(above) ? above : path
}
