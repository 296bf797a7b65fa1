// What stands for a folder: one of the files that `index` names, or any of those in it (ngx_http_index_module,
// ngx_http_random_index_module). Both end in a jump to the file's URI, which may be another location's.

import { randomInt } from 'node:crypto'
import { DiskFailure } from '../disk/failure.ts'
import { readFolder } from '../disk/folder.ts'
import { guardOf } from '../disk/guard.ts'
import { lookAt } from '../disk/open-file.ts'
import { NEXT, type Outcome } from '../outcome.ts'
import type { Visit } from '../visit.ts'
import { placeOf, refuse, refuseFailure } from './places.ts'

/** The first file of `index` that there is; next: there is a folder and none of them in it. */
export async function findIndex(visit: Visit): Promise<Outcome> {
  let isFolder = false
  for (const script of visit.settings.index) {
    const name = visit.text(script)
    if (name.startsWith('/')) return { kind: 'jump', uri: name, args: null }
    const place = placeOf(visit)
    if ('kind' in place) return place
    const path = place.path + name
    const found = await lookAt(path, guardOf(visit, path))
    if (!(found instanceof DiskFailure)) return { kind: 'jump', uri: visit.uri + name, args: null }
    if (found.code === 'ELOOP' || found.code === 'EMLINK') return { kind: 'status', status: 403 }
    if (found.isAbsence && found.code !== 'ENOENT') return noIndex(visit, path, found)
    if (found.code === 'EACCES') return noIndex(visit, path, found)
    if (!isFolder) {
      const wrong = await testFolder(visit, place.path, path)
      if (wrong !== null) return wrong
      isFolder = true
    }
    if (found.code !== 'ENOENT') return refuseFailure(visit, found)
  }
  return NEXT
}

// Whether it is only the file that is missing (ngx_http_index_test_dir).
async function testFolder(visit: Visit, place: string, path: string): Promise<Outcome | null> {
  const folder = withoutSlash(place)
  const found = await lookAt(folder, guardOf(visit, folder))
  if (!(found instanceof DiskFailure)) {
    return found.kind === 'folder' ? null : refuse(visit, 500, 'alert', `"${folder}" is not a directory`)
  }
  if (found.code === 'ELOOP' || found.code === 'EMLINK') return { kind: 'status', status: 403 }
  if (found.code === 'ENOENT') return noIndex(visit, path, found)
  // It may be searched, or the look for the file would have ended otherwise.
  return found.code === 'EACCES' ? null : refuse(visit, 500, 'crit', found.text)
}

function noIndex(visit: Visit, path: string, { code, reason }: DiskFailure): Outcome {
  if (code === 'EACCES') return refuse(visit, 403, 'error', `"${path}" is forbidden (${reason})`)
  if (visit.settings.logNotFound) visit.site.logs.error('error', `"${path}" is not found (${reason})`, visit)
  return { kind: 'status', status: 404 }
}

/** Any of the folder's files; next: there is none. Those whose names begin with a dot are not counted. */
export async function pickAnyFile(visit: Visit): Promise<Outcome> {
  const place = placeOf(visit)
  if ('kind' in place) return place
  const entries = await readFolder(withoutSlash(place.path))
  if (entries instanceof DiskFailure) return refuseFailure(visit, entries)
  const files = entries.filter(({ facts, name }) => facts.kind === 'file' && !name.startsWith('.'))
  if (files.length === 0) return NEXT
  return { kind: 'jump', uri: visit.uri + files[randomInt(files.length)]!.name, args: null }
}

/** The name of a folder as the system is asked for it. */
export function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}
