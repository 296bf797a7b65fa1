// try_files: the first of several names that there is on disk becomes the URI, else the last is where the request goes
// (ngx_http_try_files_module).

import type { Script } from '../config/nginx/site.ts'
import { DiskFailure } from '../disk/failure.ts'
import { guardOf } from '../disk/guard.ts'
import { lookAt } from '../disk/open-file.ts'
import { splitArgs } from '../http1/uri.ts'
import { NEXT, type Outcome } from '../outcome.ts'
import { documentRoot } from '../script/file-names.ts'
import type { Visit } from '../visit.ts'
import { climbs, refuseAlias } from './places.ts'

/** Next: there is no `try_files` here, or one was found and the visit's URI is its name. */
export async function tryFiles(visit: Visit): Promise<Outcome> {
  const rule = visit.settings.tryFiles
  if (rule === null) return NEXT
  const unfit = refuseAlias(visit)
  if (unfit !== null) return unfit
  const root = documentRoot(visit)
  const astray = climbs(root) > climbs(visit.settings.root.path.text)
  for (const { path: script, folder } of rule.tries) {
    const name = nameOf(visit, script)
    if (astray || climbs(name) > climbs(script.text)) continue
    const path = root + name
    const found = await lookAt(path, guardOf(visit, path))
    if (found instanceof DiskFailure) {
      if (!found.isAbsence) visit.site.logs.error('crit', found.text, visit)
      continue
    }
    if ((found.kind === 'folder') !== folder) continue
    take(visit, name, folder)
    return NEXT
  }
  return end(visit, rule.last)
}

// A name with variables in it, as $uri has, begins with what an alias takes the place of.
function nameOf(visit: Visit, script: Script): string {
  const name = visit.text(script)
  const { replaces } = visit.settings.root
  if (replaces === 0 || replaces === 'all' || visit.site.text(script).constant !== null) return name
  return name.startsWith(visit.uri.slice(0, replaces)) ? name.slice(replaces) : name
}

function take(visit: Visit, name: string, folder: boolean): void {
  const { replaces } = visit.settings.root
  if (replaces !== 'all') visit.uri = visit.uri.slice(0, replaces) + name
  else if (!folder) {
    visit.uri = name
    visit.belowAlias = name
  }
}

function end(visit: Visit, last: number | Script): Outcome {
  if (last === 444) return { kind: 'close' }
  if (typeof last === 'number') return { kind: 'status', status: last }
  const name = nameOf(visit, last)
  return name.startsWith('@') ? { kind: 'named', name } : { kind: 'jump', ...splitArgs(name) }
}
