// Whether an app's answer asks to reach its client as it comes, at the client's pace, whatever the settings say of buffering.

import type { HeaderList } from '../http1/headers.ts'

/** nginx's own field, and the one media type that is a stream by nature. */
export function asksToStream(headers: HeaderList): boolean {
  return headers.get('x-accel-buffering')?.trim().toLowerCase() === 'no' || isStream(headers)
}

/** The same where the field is not listened to, or has been already. */
export function isStream(headers: HeaderList): boolean {
  return headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') === true
}
