// The address that a place has its connections to workers come from (`proxy_bind` and its like).

import { type LocalEnd, localEnd } from '../upstream/local-end.ts'
import type { Visit } from '../visit.ts'

/** Null: the system's choice. What is no address is as if it were not there, and the error log says so. */
export function nearEnd(visit: Visit): LocalEnd | null {
  const { proxyBind } = visit.settings
  const text = proxyBind === null ? '' : visit.text(proxyBind)
  if (text === '') return null
  const end = localEnd(text)
  if (end === null) visit.site.logs.error('error', `invalid local address "${text}"`, visit)
  return end
}
