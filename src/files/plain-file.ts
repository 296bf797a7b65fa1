// One file as the answer to a request, or its compressed twin that lies beside it (ngx_http_static_module,
// ngx_http_gzip_static_module).

import { acceptsGzip } from '../accepts-gzip.ts'
import { contentTypeOf } from '../config/nginx/content-type.ts'
import { closeFile } from '../disk/calls.ts'
import { DiskFailure } from '../disk/failure.ts'
import { guardOf } from '../disk/guard.ts'
import { type FileFacts, type OpenedFile, openFile } from '../disk/open-file.ts'
import { HeaderList } from '../http1/headers.ts'
import { escapeUri } from '../http1/uri.ts'
import { type AnswerHead, type LocalAnswer, NEXT, type Outcome } from '../outcome.ts'
import type { Visit } from '../visit.ts'
import { FileBody } from './file-body.ts'
import { FILM_HEADER, filmStart } from './film.ts'
import { placeOf, refuse, refuseFailure } from './places.ts'
import { testPreconditions } from './preconditions.ts'

/** The file that the URI stands for; of a folder, the redirect to its name with a slash. */
export async function servePlainFile(visit: Visit): Promise<Outcome> {
  const { method, uri, args } = visit
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return { kind: 'status', status: 405 }
  const place = placeOf(visit)
  if ('kind' in place) return place
  const { path } = place
  const file = await openFile(path, guardOf(visit, path))
  if (file instanceof DiskFailure) return refuseFailure(visit, file)
  const { kind } = file.facts
  if (kind === 'file' && method !== 'POST') return answerWith(visit, file, path, false)
  await closeFile(file.descriptor)
  if (kind === 'file') return { kind: 'status', status: 405 }
  if (kind === 'folder') {
    const location = `${escapeUri(uri, 'uri')}/${args === '' ? '' : `?${args}`}`
    return { kind: 'redirect', status: 301, location }
  }
  return refuse(visit, 404, 'crit', `"${path}" is not a regular file`)
}

/** What `gzip_static` finds: an answer, or nothing but that there is a twin, which `Vary` tells of whatever comes then. */
export async function serveCompressed(visit: Visit): Promise<Outcome> {
  const { settings, method } = visit
  const { gzipStatic } = settings
  if (gzipStatic === 'off' || (method !== 'GET' && method !== 'HEAD')) return NEXT
  const wanted = gzipStatic === 'always' || acceptsGzip(visit)
  if (!wanted && !settings.gzipVary) return NEXT
  const place = placeOf(visit)
  if ('kind' in place) return place
  const path = `${place.path}.gz`
  const file = await openFile(path, guardOf(visit, path))
  if (file instanceof DiskFailure) {
    if (!file.isAbsence) visit.site.logs.error(file.isRefusal ? 'error' : 'crit', file.text, visit)
    return NEXT
  }
  if (gzipStatic === 'on') visit.varies = true
  const { kind } = file.facts
  if (wanted && kind === 'file') return answerWith(visit, file, path, true)
  await closeFile(file.descriptor)
  return wanted && kind === 'other' ? refuse(visit, 404, 'crit', `"${path}" is not a regular file`) : NEXT
}

// The file is closed by the answer's body, or here where there is none.
async function answerWith(visit: Visit, file: OpenedFile, path: string, gzip: boolean): Promise<Outcome> {
  const { descriptor, facts } = file
  const start = gzip ? 0 : filmStart(visit, facts.size)
  const size = start === 0 ? facts.size : FILM_HEADER.length + facts.size - start
  // The compressed twin is sent whole, as with nginx.
  const head = headOf(visit, { size, changed: facts.changed }, !gzip)
  if (gzip) head.headers.add('Content-Encoding', 'gzip')
  const verdict = testPreconditions(visit, head)
  if (verdict === 'passed' && visit.method !== 'HEAD' && facts.size > 0) {
    const body = new FileBody(descriptor, path, facts.size)
    if (start > 0) body.cut([FILM_HEADER, { start, end: facts.size }])
    return answer(head, body)
  }
  await closeFile(descriptor)
  return verdict === 'failed' ? { kind: 'status', status: 412 } : answer(head, null)
}

function headOf(
  { settings, uri, fixedStatus }: Visit,
  { size, changed }: Pick<FileFacts, 'size' | 'changed'>,
  rangeable: boolean,
): AnswerHead {
  const headers = new HeaderList()
  const type = contentTypeOf(settings, uri)
  if (type !== '') headers.add('Content-Type', type)
  // Of an error's page it is of no interest when it was written (ngx_http_header_filter).
  if (fixedStatus === null || fixedStatus === 200)
    headers.add('Last-Modified', new Date(changed * 1000).toUTCString())
  // ngx_http_set_etag.
  if (settings.etag) headers.add('ETag', `"${changed.toString(16)}-${size.toString(16)}"`)
  return {
    status: 200,
    reason: 'OK',
    headers,
    length: size,
    lastModified: changed * 1000,
    rangeable,
    passedOn: false,
  }
}

function answer(head: AnswerHead, body: LocalAnswer['body']): Outcome {
  return { kind: 'answer', answer: { head, body } }
}
