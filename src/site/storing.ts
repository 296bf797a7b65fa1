// What of an app's answers becomes a file of the site (`proxy_store`): which answers, and where they go. How a file is
// written is the room's of files; what a cache keeps is another matter.

import { climbs, placeOf } from '../files/places.ts'
import { StoredFile } from '../files/stored-file.ts'
import { parseHttpDate } from '../http1/http-date.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import type { Visit } from '../visit.ts'

/** Whether answers may be stored here, also those that their client does not wait for. */
export function stores({ settings }: Pick<Visit, 'settings'>): boolean {
  return settings.store !== null
}

/**
 * The file that the answer is to be; to be asked once the client's head has been made. Null: it is not stored.
 * @param headOnly it was asked for by HEAD
 */
export function storeAnswer(visit: Visit, answer: ResponseHead, headOnly: boolean): StoredFile | null {
  // Of an answer to HEAD the body is known only where it has none.
  if (answer.status !== 200 || (headOnly && answer.headers.get('content-length') !== '0')) return null
  const path = pathOf(visit)
  if (path === null) return null
  visit.storedAt = path
  const { logs } = visit.site
  const modified = parseHttpDate(answer.headers.get('last-modified') ?? '')
  return new StoredFile(path, {
    mode: visit.settings.storeAccess,
    changed: modified === null ? null : Math.floor(modified / 1000),
    failed: message => logs.error('crit', message, visit),
  })
}

// What cannot be a path is told, as where a file is looked for.
function pathOf(visit: Visit): string | null {
  const { store } = visit.settings
  if (store === null) return null
  if (store === 'mapped') {
    const place = placeOf(visit)
    return 'kind' in place ? null : place.path
  }
  const path = visit.text(store)
  const wrong = climbs(path) > climbs(store.text) ? 'leads out of its place' : unnamed(path)
  if (wrong === null) return path
  visit.site.logs.error('error', `"${path}" ${wrong}: the answer is not stored`, visit)
  return null
}

function unnamed(path: string): string | null {
  return path === '' || path.includes('\0') ? 'names no file' : null
}
