// Whether an error answer is the app server's own, for an app that gave none. Knows the one server that does so at a
// timeout; decides nothing.

import type { HeaderList } from '../http1/headers.ts'

/**
 * The 500 that gunicorn writes when the app raised before its head, or when its worker is ended for its timeout
 * (gunicorn/util.py, write_error; from 22 on also for the latter): three fields and no `Date`, which it gives to every
 * answer of the app's, and a type without a character set.
 */
export function isServersOwn(fields: HeaderList): boolean {
  return (
    fields.length === 3 &&
    fields.get('connection') === 'close' &&
    fields.get('content-type') === 'text/html' &&
    fields.has('content-length')
  )
}
