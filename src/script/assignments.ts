// Giving variables their values while a request is served, as `set` does. What a regular expression has found is
// `captures.ts`'s.

import { readSize } from '../config/nginx/units.ts'
import type { Visit } from '../visit.ts'

/** What `set` may change of the request itself. */
const SETTABLE: Readonly<Record<string, (visit: Visit, value: string) => void>> = {
  args(visit, value) {
    visit.args = value
    visit.uriUnchanged = false
  },
  limit_rate(visit, value) {
    const bytes = readSize(value)
    if (bytes === null) visit.site.logs.error('error', `invalid $limit_rate "${value}"`, visit)
    else visit.limitRate = bytes
  },
}

/** @param name in lower case, without the dollar sign */
export function assign(visit: Visit, name: string, value: string): void {
  if (Object.hasOwn(SETTABLE, name)) SETTABLE[name]!(visit, value)
  else visit.variables.set(name, value)
}
