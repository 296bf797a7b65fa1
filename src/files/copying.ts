// COPY and MOVE within a place, where `dav_methods` names them (ngx_http_dav_module): where `Destination` leads, whether
// what is there may go, and the way there.

import { closeFile, LINKED } from '../disk/calls.ts'
import {
  copyTree,
  makeFolder,
  moveTo,
  type Place,
  removeFile,
  removeTree,
  replaceFile,
} from '../disk/changes.ts'
import { DiskFailure } from '../disk/failure.ts'
import { guardOf } from '../disk/guard.ts'
import { type FileFacts, lookAtLink, openFile, type SymlinkGuard } from '../disk/open-file.ts'
import { hostOf } from '../http1/authority.ts'
import { splitUri } from '../http1/uri.ts'
import type { Outcome } from '../outcome.ts'
import type { Visit } from '../visit.ts'
import { depthOf, holdFor, holdMaking, refuseChange, splitPath } from './dav-terms.ts'
import { FileBody } from './file-body.ts'
import { placeOf, placeOfOther, type Refusal, refuse } from './places.ts'

const CREATED: Outcome = { kind: 'status', status: 201 }
const REPLACED: Outcome = { kind: 'status', status: 204 }

/** 201 where there was nothing, 204 where something was replaced, and nginx’s own statuses for what may not be. */
export async function copyOrMove(visit: Visit): Promise<Outcome> {
  const said = visit.headers.get('destination')
  if (said === undefined) return refuse(visit, 400, 'error', 'client sent no "Destination" header')
  const uri = readDestination(visit, said)
  if (typeof uri !== 'string') return uri
  const overwrite = mayOverwrite(visit)
  const wrong = refuseDepth(visit) ?? (typeof overwrite === 'boolean' ? null : overwrite)
  if (wrong !== null) return wrong
  const from = placeOf(visit)
  if ('kind' in from) return from
  const to = placeOfOther(visit, uri)
  if ('kind' in to) return to
  const paths = { from: mergeSlashes(from.path), to: mergeSlashes(to.path) }
  const same = refuseSame(visit, paths, said)
  if (same !== null) return same
  return between(visit, paths, said, overwrite as boolean)
}

// — what the request says

// The path that it leads to, which must be at this server and of the same kind.
function readDestination(visit: Visit, said: string): string | Refusal {
  const invalid = () => refuse(visit, 400, 'error', `client sent invalid "Destination" header: "${said}"`)
  let path = said
  if (!said.startsWith('/')) {
    const host = hostOf(visit.head.host)
    if (host === '') return refuse(visit, 400, 'error', 'client sent no "Host" header')
    const scheme = visit.connection.secure ? 'https://' : 'http://'
    if (!said.startsWith(scheme)) return invalid()
    const [, authority = '', rest = ''] = /^([^/]*)(.*)$/s.exec(said.slice(scheme.length))!
    if (hostOf(authority) !== host) {
      const elsewhere = 'is handled by different repository than the source URI'
      return refuse(visit, 400, 'error', `"Destination" URI "${said}" ${elsewhere}`)
    }
    path = rest
  }
  const found = path.startsWith('/') ? splitUri(path) : null
  if (found === null) return invalid()
  if (visit.uri.endsWith('/') !== said.endsWith('/')) {
    const kinds = 'should be either collections or non-collections'
    return refuse(visit, 409, 'error', `both URI "${visit.uri}" and "Destination" URI "${said}" ${kinds}`)
  }
  const { replaces } = visit.settings.root
  if (replaces !== 'all' && found.uri.slice(0, replaces) !== visit.uri.slice(0, replaces)) {
    const within = 'must be within location prefix when using "alias"'
    return refuse(visit, 400, 'error', `"Destination" URI "${said}" ${within}`)
  }
  return found.uri
}

function refuseDepth(visit: Visit): Refusal | null {
  const depth = depthOf(visit, 'infinity')
  if (depth === 'infinity' || (depth === '0' && visit.method === 'COPY')) return null
  const must = visit.method === 'COPY' ? '0 or infinity' : 'infinity'
  return refuse(visit, 400, 'error', `"Depth" header must be ${must}`)
}

function mayOverwrite(visit: Visit): boolean | Refusal {
  const said = visit.headers.get('overwrite')
  if (said === undefined || said === 'T' || said === 't') return true
  if (said === 'F' || said === 'f') return false
  return refuse(visit, 400, 'error', `client sent invalid "Overwrite" header: "${said}"`)
}

// — where it leads

interface Paths {
  readonly from: string
  readonly to: string
}

function mergeSlashes(path: string): string {
  return path.replace(/\/{2,}/g, '/')
}

// Nothing is copied onto itself, and no folder into one that it is in or that is in it.
function refuseSame(visit: Visit, { from, to }: Paths, said: string): Refusal | null {
  const [source, target] = [from, to].map(path => (path.endsWith('/') ? path : `${path}/`)) as [
    string,
    string,
  ]
  if (source === target) {
    const same = `both URI "${visit.uri}" and "Destination" URI "${said}" point to the same location`
    return refuse(visit, 403, 'error', same)
  }
  if (!to.endsWith('/') || !(target.startsWith(source) || source.startsWith(target))) return null
  const deed = visit.method === 'COPY' ? 'COPYed' : 'MOVEed'
  return refuse(visit, 403, 'error', `"${visit.uri}" could not be ${deed} to collection "${said}"`)
}

// — and there

async function between(visit: Visit, paths: Paths, said: string, overwrite: boolean): Promise<Outcome> {
  const [from, to] = [splitPath(paths.from), splitPath(paths.to)]
  const source = await holdFor(visit, from.folder)
  if (source instanceof DiskFailure) return refuseChange(visit, source, 404)
  try {
    const place = source.place(from.name)
    const isFolder = paths.from.endsWith('/')
    const found = await lookAtSource(visit, place, isFolder)
    // A file that is moved finds its way made.
    const makes = visit.method === 'MOVE' && !isFolder && !(found instanceof DiskFailure)
    const target = await (makes ? holdMaking(visit, to.folder) : holdFor(visit, to.folder))
    if (target instanceof DiskFailure) {
      const lost = found instanceof DiskFailure || isFolder || target.code !== 'ENOENT'
      return refuseChange(visit, found instanceof DiskFailure ? found : target, lost ? 404 : 500)
    }
    try {
      return await carry(visit, place, target.place(to.name), { found, paths, said, overwrite })
    } finally {
      await target.letGo()
    }
  } finally {
    await source.letGo()
  }
}

// What is named as a folder may be a link to one, where links may be followed.
async function lookAtSource(visit: Visit, from: Place, isFolder: boolean): Promise<FileFacts | DiskFailure> {
  const itself = await lookAtLink(from.reach)
  if (itself instanceof DiskFailure) return new DiskFailure('lstat()', from.path, itself)
  if (!isFolder || itself.kind === 'folder') return itself
  if (itself.kind === 'other' && guardOf(visit, from.path) !== null)
    return new DiskFailure('lstat()', from.path, LINKED)
  const behind = await lookAtLink(`${from.reach}/`)
  return behind instanceof DiskFailure ? new DiskFailure('lstat()', from.path, behind) : behind
}

interface Task {
  /** What is to be carried. */
  readonly found: FileFacts | DiskFailure
  readonly paths: Paths
  readonly said: string
  readonly overwrite: boolean
}

async function carry(
  visit: Visit,
  from: Place,
  to: Place,
  { found, paths, said, overwrite }: Task,
): Promise<Outcome> {
  const there = await lookAtLink(to.reach)
  if (there instanceof DiskFailure) {
    if (there.code !== 'ENOENT') return refuseChange(visit, new DiskFailure('lstat()', to.path, there), 404)
  } else if (there.kind === 'folder' && !paths.to.endsWith('/')) {
    const deed = visit.method === 'COPY' ? 'COPYed' : 'MOVEed'
    return refuse(visit, 409, 'error', `"${visit.uri}" could not be ${deed} to collection "${said}"`)
  } else if (!overwrite) {
    return refuse(visit, 412, 'error', `"${to.path}" could not be created (17: File exists)`)
  }
  if (found instanceof DiskFailure) return refuseChange(visit, found, 404)
  if (found.kind !== 'folder')
    return carryFile(visit, from, to, there instanceof DiskFailure ? null : there.mode)
  if (!paths.from.endsWith('/')) return refuse(visit, 400, 'error', `"${visit.uri}" is collection`)
  if (!(there instanceof DiskFailure)) {
    const failure = there.kind === 'folder' ? await removeTree(to, tell(visit)) : await removeFile(to)
    if (failure !== null) return refuseChange(visit, failure, 404)
  }
  return carryFolder(visit, from, to, found)
}

// What is written over keeps its mode, as with nginx. @param mode of what is there; null: nothing is
async function carryFile(visit: Visit, from: Place, to: Place, mode: number | null): Promise<Outcome> {
  const moved = visit.method === 'MOVE' ? await moveTo(from, to) : null
  if (visit.method === 'MOVE' && moved === null) return REPLACED
  if (moved !== null && moved.code !== 'EXDEV') return refuse(visit, 500, 'crit', moved.text)
  const failure =
    (await copyFile(from, to, guardOf(visit, from.path), mode)) ?? (await leave(visit, from, 'file'))
  return failure === null ? REPLACED : refuseCopy(visit, failure)
}

// What was moved to another disk is to be removed here.
async function leave(visit: Visit, from: Place, kind: 'file' | 'folder'): Promise<DiskFailure | null> {
  if (visit.method !== 'MOVE') return null
  return kind === 'folder' ? removeTree(from, tell(visit)) : removeFile(from)
}

function refuseCopy(visit: Visit, failure: DiskFailure): Refusal {
  const known = failure.isRefusal || failure.code === 'ENOSPC'
  return known ? refuseChange(visit, failure, 500) : refuse(visit, 500, 'crit', failure.text)
}

async function carryFolder(visit: Visit, from: Place, to: Place, facts: FileFacts): Promise<Outcome> {
  if (visit.method === 'MOVE' && (await moveTo(from, to)) === null) return CREATED
  const failure = await makeFolder(to, facts.mode)
  if (failure !== null) return refuseChange(visit, failure, 404)
  await copyTree(from, to, (source, target) => copyFile(source, target, null, null), tell(visit))
  const left = await leave(visit, from, 'folder')
  return left === null ? CREATED : refuseChange(visit, left, 404)
}

function tell(visit: Visit): (failure: DiskFailure) => void {
  return failure => void refuseChange(visit, failure, 500)
}

/** With its time, and its mode unless another is said. */
async function copyFile(
  from: Place,
  to: Place,
  guard: SymlinkGuard | null,
  mode: number | null,
): Promise<DiskFailure | null> {
  const file = await openFile(guard === null ? from.reach : from.path, guard)
  if (file instanceof DiskFailure) return new DiskFailure('open()', from.path, file)
  const { descriptor, facts } = file
  if (facts.kind !== 'file') {
    await closeFile(descriptor)
    return new DiskFailure('read()', from.path, { code: 'EISDIR', errno: 21 })
  }
  const { changed, size } = facts
  const terms = { mode: mode ?? facts.mode, exact: mode !== null, changed }
  return replaceFile(to, new FileBody(descriptor, from.path, size), terms)
}
