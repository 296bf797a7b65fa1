// What a place of a site serves by itself, from disk: the order in which nginx's content handlers have their turn. Each of
// them stands in a file of its own.

import type { Outcome } from '../outcome.ts'
import type { Visit } from '../visit.ts'
import { serveEmptyGif } from './empty-gif.ts'
import { listFolder } from './folder-listing.ts'
import { findIndex, pickAnyFile } from './index-file.ts'
import { placeOf, refuse } from './places.ts'
import { serveCompressed, servePlainFile } from './plain-file.ts'

export { testPreconditions } from './preconditions.ts'
export { cutToRanges } from './ranges.ts'
export { isStored, store } from './storing.ts'
export { tryFiles } from './try-files.ts'

/**
 * The answer to a visit that nothing else answers. Preconditions have been tested; ranges are not yet cut, which is for
 * when the filters have been (`cutToRanges`). The body, where there is one, is to be read to its end or returned.
 */
export async function serveFiles(visit: Visit): Promise<Outcome> {
  if (visit.settings.emptyGif) return serveEmptyGif(visit)
  const isFilm = visit.settings.films !== null
  if (isFilm && visit.method !== 'GET' && visit.method !== 'HEAD') return { kind: 'status', status: 405 }
  if (visit.uri.endsWith('/')) return serveFolder(visit)
  if (isFilm) return servePlainFile(visit)
  const outcome = await serveCompressed(visit)
  return outcome.kind === 'next' ? servePlainFile(visit) : outcome
}

async function serveFolder(visit: Visit): Promise<Outcome> {
  const { method, settings } = visit
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return { kind: 'status', status: 405 }
  if (settings.randomIndex) {
    const any = await pickAnyFile(visit)
    if (any.kind !== 'next') return any
  }
  const index = await findIndex(visit)
  if (index.kind !== 'next') return index
  if (settings.autoindex && method !== 'POST') return listFolder(visit)
  const place = placeOf(visit)
  if ('kind' in place) return place
  return refuse(visit, 403, 'error', `directory index of "${place.path}" is forbidden`)
}
