// Where on disk a visit looks, and what is answered where that fails, with the line that nginx's error log gets.

import type { DiskFailure } from '../disk/failure.ts'
import type { Outcome } from '../outcome.ts'
import { type FileName, isFit, mapUri } from '../script/file-names.ts'
import type { Visit } from '../visit.ts'

/** An outcome that stands for something having gone wrong. */
export type Refusal = Extract<Outcome, { kind: 'status' }>

/**
 * The path of the visit's URI. Nothing of the request leads out of the root: a part of it that is `..` is not found, also
 * where nginx lets it be, as with `alias /a/` in `location /b`.
 */
export function placeOf(visit: Visit): FileName | Refusal {
  const unfit = refuseAlias(visit)
  if (unfit !== null) return unfit
  const place = mapUri(visit)
  if (climbs(place.path) > climbs(visit.settings.root.path.text))
    return refuse(visit, 404, 'error', `"${place.path}" leads out of its root`)
  return place
}

/** Null: an alias may take the place of a part of the URI, or there is none. */
export function refuseAlias(visit: Visit): Refusal | null {
  if (isFit(visit)) return null
  const location = visit.location?.path ?? ''
  return refuse(
    visit,
    500,
    'alert',
    `"alias" cannot be used in location "${location}" where URI was rewritten`,
  )
}

/** The same for another URI than the visit's own. */
export function placeOfOther(visit: Visit, uri: string): FileName | Refusal {
  const own = visit.uri
  visit.uri = uri
  try {
    const place = mapUri(visit)
    if (climbs(place.path) <= climbs(visit.settings.root.path.text)) return place
    return refuse(visit, 404, 'error', `"${place.path}" leads out of its root`)
  } finally {
    visit.uri = own
  }
}

/** How many parts of the path are `..`. */
export function climbs(path: string): number {
  return path.includes('..') ? path.split('/').filter(part => part === '..').length : 0
}

type Level = Parameters<Visit['site']['logs']['error']>[0]

/** Says why in the error log. */
export function refuse(visit: Visit, status: number, level: Level, message: string): Refusal {
  visit.site.logs.error(level, message, visit)
  return { kind: 'status', status }
}

/** What a file or a folder that cannot be opened comes to. */
export function refuseFailure(visit: Visit, failure: DiskFailure): Refusal {
  if (failure.isAbsence) {
    if (visit.settings.logNotFound) visit.site.logs.error('error', failure.text, visit)
    return { kind: 'status', status: 404 }
  }
  return failure.isRefusal
    ? refuse(visit, 403, 'error', failure.text)
    : refuse(visit, 500, 'crit', failure.text)
}
