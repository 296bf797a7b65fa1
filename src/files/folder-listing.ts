// A folder's content as a page (ngx_http_autoindex_module): who may see it, and in which form. The forms themselves are
// `listing-page.ts` and `listing-data.ts`.

import { sameCharset } from '../config/nginx/modules/charset.ts'
import { DiskFailure } from '../disk/failure.ts'
import { type FolderEntry, readFolder } from '../disk/folder.ts'
import { HeaderList } from '../http1/headers.ts'
import type { Outcome } from '../outcome.ts'
import type { Visit } from '../visit.ts'
import { withoutSlash } from './index-file.ts'
import { listingInJson, listingInXml } from './listing-data.ts'
import { listingPage } from './listing-page.ts'
import { placeOf, refuse, refuseFailure } from './places.ts'

const TYPES = {
  html: 'text/html',
  json: 'application/json',
  jsonp: 'application/javascript',
  xml: 'text/xml; charset=utf-8',
} as const

/** The folder's content. Its length is not told before it is sent, as with nginx. */
export async function listFolder(visit: Visit): Promise<Outcome> {
  const { settings } = visit
  const place = placeOf(visit)
  if ('kind' in place) return place
  const callback = settings.autoindexFormat === 'jsonp' ? callbackOf(visit) : null
  if (callback instanceof Error) return refuse(visit, 400, 'info', callback.message)
  const format = settings.autoindexFormat === 'jsonp' && callback === null ? 'json' : settings.autoindexFormat
  const entries = await readFolder(withoutSlash(place.path))
  if (entries instanceof DiskFailure) return refuseFailure(visit, entries)
  const shown = entries.filter(({ name }) => !name.startsWith('.')).sort(byKindAndName)
  const headers = new HeaderList()
  headers.add('Content-Type', TYPES[format])
  const head = {
    status: 200,
    reason: 'OK',
    headers,
    length: null,
    lastModified: null,
    rangeable: false,
    passedOn: false,
    ownType: true,
  }
  const body = Buffer.from(textOf(visit, shown, format, callback), 'latin1')
  return { kind: 'answer', answer: { head, body: visit.method === 'HEAD' ? null : body } }
}

function textOf(
  visit: Visit,
  entries: readonly FolderEntry[],
  format: keyof typeof TYPES,
  callback: string | null,
): string {
  const { settings, uri } = visit
  if (format === 'xml') return listingInXml(entries)
  if (format !== 'html') return listingInJson(entries, callback)
  return listingPage(uri, entries, {
    exactSize: settings.autoindexExactSize,
    localTime: settings.autoindexLocaltime,
    utf8: settings.charset !== null && sameCharset(visit.text(settings.charset), 'utf-8'),
  })
}

// Folders first; names by their bytes.
function byKindAndName(a: FolderEntry, b: FolderEntry): number {
  const [first, second] = [a.facts.kind === 'folder', b.facts.kind === 'folder']
  if (first !== second) return first ? -1 : 1
  return a.name < b.name ? -1 : 1
}

// The argument as it came. What could be more than the name of a function is refused.
function callbackOf({ args }: Visit): string | null | Error {
  const name = /(?:^|&)callback=([^&]*)/i.exec(args)?.[1] ?? ''
  if (name.length > 128) return new Error(`client sent too long callback name: "${name}"`)
  if (!/^[\w.]*$/.test(name)) return new Error(`client sent invalid callback name: "${name}"`)
  return name === '' ? null : name
}
