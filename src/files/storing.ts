// What clients write into a place and remove from it: PUT, MKCOL and DELETE where `dav_methods` names them
// (ngx_http_dav_module). A file comes whole or not at all. Copies are another file's.

import { makeFolder, removeFile, removeTree, replaceFile, searchable } from '../disk/changes.ts'
import { DiskFailure } from '../disk/failure.ts'
import { guardOf } from '../disk/guard.ts'
import { lookAt, lookAtLink } from '../disk/open-file.ts'
import { parseHttpDate } from '../http1/http-date.ts'
import { escapeUri } from '../http1/uri.ts'
import type { Outcome } from '../outcome.ts'
import type { Visit } from '../visit.ts'
import { copyOrMove } from './copying.ts'
import { depthOf, holdFor, holdMaking, refuseBody, refuseChange, splitPath } from './dav-terms.ts'
import { placeOf, refuse } from './places.ts'

/** Takes in what the client sends, whole; or what the request comes to where it cannot be had. */
export type TakeBody = () => Promise<AsyncIterable<Buffer> | Outcome>

/** Whether the request is one that changes what is served. */
export function isStored({ method, settings, parent }: Visit): boolean {
  if (settings.davMethods.length === 0 || parent !== null) return false
  return settings.davMethods.includes(method) && !settings.emptyGif && settings.films === null
}

/** @param takeBody takes the body in; asked for where there is to be one */
export async function store(visit: Visit, takeBody: TakeBody): Promise<Outcome> {
  switch (visit.method) {
    case 'PUT':
      return put(visit, takeBody)
    case 'DELETE':
      return refuseBody(visit, 'DELETE') ?? remove(visit)
    case 'MKCOL':
      return refuseBody(visit, 'MKCOL') ?? makeCollection(visit)
    default:
      return refuseBody(visit, 'COPY and MOVE') ?? copyOrMove(visit)
  }
}

async function put(visit: Visit, takeBody: TakeBody): Promise<Outcome> {
  const { uri, headers, settings } = visit
  if (uri.endsWith('/')) return refuse(visit, 409, 'error', 'cannot PUT to a collection')
  if (headers.has('content-range')) return refuse(visit, 501, 'error', 'PUT with range is unsupported')
  if (!headers.has('content-length') && !headers.has('transfer-encoding'))
    return refuse(visit, 500, 'error', 'PUT request body must be in a file')
  const body = await takeBody()
  if ('kind' in body) return body
  const place = placeOf(visit)
  if ('kind' in place) return place
  const { path } = place
  const found = await lookAt(path, guardOf(visit, path))
  const isNew = found instanceof DiskFailure
  if (isNew && found.isRefusal) return refuseChange(visit, found, 500)
  if (!isNew && found.kind === 'folder')
    return refuse(visit, 409, 'error', `"${path}" could not be created (21: Is a directory)`)
  const { folder, name } = splitPath(path)
  const held = await (settings.createFullPutPath ? holdMaking(visit, folder) : holdFor(visit, folder))
  if (held instanceof DiskFailure) return refuseWrite(visit, held)
  const changed = parseHttpDate(headers.get('date') ?? '')
  const terms = {
    mode: settings.davAccess,
    exact: true,
    changed: changed === null ? null : Math.floor(changed / 1000),
  }
  try {
    const failure = await replaceFile(held.place(name), body, terms)
    if (failure !== null) return refuseWrite(visit, failure)
  } finally {
    await held.letGo()
  }
  return isNew ? created(visit) : { kind: 'status', status: 204 }
}

// A file that is there but for its place is nobody's fault but ours, says nginx; what may not be reached is the client's.
function refuseWrite(visit: Visit, failure: DiskFailure): Outcome {
  if (failure.code === 'ELOOP' || failure.code === 'EMLINK' || failure.code === 'ENOSPC')
    return refuseChange(visit, failure, 500)
  return refuse(visit, 500, 'crit', failure.text)
}

// The address of what there is now.
function created(visit: Visit): Outcome {
  return { kind: 'redirect', status: 201, location: escapeUri(visit.uri, 'uri') }
}

async function makeCollection(visit: Visit): Promise<Outcome> {
  if (!visit.uri.endsWith('/')) return refuse(visit, 409, 'error', 'MKCOL can create a collection only')
  const place = placeOf(visit)
  if ('kind' in place) return place
  const { folder, name } = splitPath(place.path)
  const held = await holdFor(visit, folder)
  if (held instanceof DiskFailure) return refuseChange(visit, held, 409)
  const failure = await makeFolder(held.place(name), searchable(visit.settings.davAccess))
  await held.letGo()
  return failure === null ? created(visit) : refuseChange(visit, failure, 409)
}

async function remove(visit: Visit): Promise<Outcome> {
  const { uri, settings } = visit
  const depth = depthOfUri(uri)
  if (depth < settings.minDeleteDepth)
    return refuse(visit, 409, 'error', `insufficient URI depth:${depth} to DELETE`)
  const place = placeOf(visit)
  if ('kind' in place) return place
  const { folder, name } = splitPath(place.path)
  const held = await holdFor(visit, folder)
  if (held instanceof DiskFailure) return refuseChange(visit, held, held.code === 'ENOTDIR' ? 409 : 404)
  try {
    const target = held.place(name)
    const found = await lookAtLink(target.reach)
    if (found instanceof DiskFailure) {
      const told = new DiskFailure('lstat()', place.path, found)
      return refuseChange(visit, told, found.code === 'ENOTDIR' ? 409 : 404)
    }
    const isFolder = found.kind === 'folder'
    // A link to a folder is no folder here: what it leads to is not removed by way of it.
    if (!isFolder && uri.endsWith('/'))
      return refuse(visit, 409, 'error', `"${place.path}" failed (20: Not a directory)`)
    const wrong = isFolder ? refuseFolder(visit, place.path) : refuseDepth(visit)
    if (wrong !== null) return wrong
    const failure = isFolder
      ? await removeTree(target, each => void refuseChange(visit, each, 404))
      : await removeFile(target)
    return failure === null ? { kind: 'status', status: 204 } : refuseChange(visit, failure, 404)
  } finally {
    await held.letGo()
  }
}

// Parts of the path that a slash stands before, a last one that is empty left out.
function depthOfUri(uri: string): number {
  return uri.split('/').length - 1 - (uri.endsWith('/') ? 1 : 0)
}

function refuseFolder(visit: Visit, path: string): Outcome | null {
  if (!visit.uri.endsWith('/'))
    return refuse(visit, 409, 'error', `DELETE "${path}" failed (21: Is a directory)`)
  if (depthOf(visit, 'infinity') === 'infinity') return null
  return refuse(visit, 400, 'error', '"Depth" header must be infinity')
}

function refuseDepth(visit: Visit): Outcome | null {
  const depth = depthOf(visit, '0')
  if (depth === '0' || depth === 'infinity') return null
  return refuse(visit, 400, 'error', '"Depth" header must be 0 or infinity')
}
