// Whether what an app hints at before its answer (103, RFC 8297) goes on to the client. nginx asks to be told so by
// `early_hints`; here it does unless the file says otherwise. Pure.

import { anySaysYes } from '../script/predicates.ts'
import type { Visit } from '../visit.ts'

/** Whether the client of this visit gets a 103. */
export function passesHints(visit: Visit): boolean {
  const { earlyHints } = visit.settings
  return earlyHints === null || anySaysYes(earlyHints, visit)
}
