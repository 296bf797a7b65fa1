// A picture of one transparent pixel, from memory (ngx_http_empty_gif_module).

import { HeaderList } from '../http1/headers.ts'
import type { Outcome } from '../outcome.ts'
import type { Visit } from '../visit.ts'

/** GIF89a: one pixel, two colours, the second of them transparent; one block of image data that says the second. */
const PIXEL = Buffer.from(
  '47494638396101000100800100000000ffffff21f90401000001002c00000000010001000002024c01003b',
  'hex',
)
/** The day it says it was last changed on, in seconds since 1970: nginx's own. */
const CHANGED = 23_349_600

/** To GET and HEAD; a 405 to all else. */
export function serveEmptyGif({ method }: Visit): Outcome {
  if (method !== 'GET' && method !== 'HEAD') return { kind: 'status', status: 405 }
  const headers = new HeaderList()
  headers.add('Content-Type', 'image/gif')
  headers.add('Last-Modified', new Date(CHANGED * 1000).toUTCString())
  const head = {
    status: 200,
    reason: 'OK',
    headers,
    length: PIXEL.length,
    lastModified: CHANGED * 1000,
    rangeable: false,
    passedOn: false,
    ownType: true,
  }
  return { kind: 'answer', answer: { head, body: method === 'HEAD' ? null : PIXEL } }
}
