// What requests that write have in common: how their failures are answered, how deep they are meant, and which of them a
// place takes (ngx_http_dav_module).

import { type HeldFolder, holdFolder, makeFolder, searchable } from '../disk/changes.ts'
import { DiskFailure } from '../disk/failure.ts'
import { guardOf } from '../disk/guard.ts'
import type { Visit } from '../visit.ts'
import { type Refusal, refuse } from './places.ts'

/** What a change that failed comes to. @param absent the status where something on the way is not there */
export function refuseChange(visit: Visit, failure: DiskFailure, absent: number): Refusal {
  if (failure.isAbsence) return refuse(visit, absent, 'error', failure.text)
  switch (failure.code) {
    case 'EACCES':
    case 'EPERM':
    case 'ELOOP':
    case 'EMLINK':
      return refuse(visit, 403, 'error', failure.text)
    case 'EEXIST':
      return refuse(visit, 405, 'error', failure.text)
    case 'ENOSPC':
      return refuse(visit, 507, 'crit', failure.text)
    default:
      return refuse(visit, 500, 'crit', failure.text)
  }
}

/** None of these requests takes a body. Null: there is none. */
export function refuseBody(visit: Visit, what: string): Refusal | null {
  const { headers } = visit
  const has = Number(headers.get('content-length') ?? 0) > 0 || headers.has('transfer-encoding')
  return has ? refuse(visit, 415, 'error', `${what} with body is unsupported`) : null
}

export type Depth = '0' | '1' | 'infinity' | 'invalid'

/** What `Depth` says (RFC 4918 §10.2). @param usual what holds where it says nothing */
export function depthOf(visit: Visit, usual: '0' | 'infinity'): Depth {
  const said = visit.headers.get('depth')
  if (said === undefined) return usual
  if (said === '0' || said === '1' || said === 'infinity') return said
  visit.site.logs.error('error', `client sent invalid "Depth" header: "${said}"`, visit)
  return 'invalid'
}

/** A path in its folder and its name there; a folder's slash is no part of the name. */
export function splitPath(path: string): { folder: string; name: string } {
  const whole = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  const at = whole.lastIndexOf('/') + 1
  return { folder: whole.slice(0, at), name: whole.slice(at) }
}

/** The folder of what is to be written, held; links on the way are followed as far as the place lets them be. */
export function holdFor(visit: Visit, folder: string): Promise<HeldFolder | DiskFailure> {
  return holdFolder(folder, guardOf(visit, folder))
}

/** The same, made where it is not there. @param folder with a slash at its end */
export async function holdMaking(visit: Visit, folder: string): Promise<HeldFolder | DiskFailure> {
  const held = await holdFor(visit, folder)
  if (!(held instanceof DiskFailure) || held.code !== 'ENOENT' || folder === '/') return held
  const { folder: around, name } = splitPath(folder)
  const parent = await holdMaking(visit, around)
  if (parent instanceof DiskFailure) return parent
  const failure = await makeFolder(parent.place(name), searchable(visit.settings.davAccess))
  await parent.letGo()
  return failure === null || failure.code === 'EEXIST' ? holdFor(visit, folder) : failure
}
