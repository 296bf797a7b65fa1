// Whether what an app hints at before its answer (103, RFC 8297) goes on to the client. nginx asks to be told so by
// `early_hints`; here it does unless the file says otherwise. Pure.

import type { Visit } from '../visit.ts'

export function passesHints(visit: Visit): boolean {
  const { earlyHints } = visit.settings
  return (
    earlyHints === null ||
    earlyHints.some(script => {
      const text = visit.text(script)
      return text !== '' && text !== '0'
    })
  )
}
