// The text of stub_status, as nginx writes it (ngx_http_stub_status_handler), so that what reads nginx's page reads ours.
// Counts nothing itself.

export interface StubCounts {
  /** Client connections now, waiting ones included. */
  readonly active: number
  /** Connections since the start: taken from the kernel, and kept. */
  readonly accepted: number
  readonly handled: number
  /** Requests since the start. */
  readonly requests: number
  /** Connections whose request is being read; that are answered; that wait for the next one. */
  readonly reading: number
  readonly writing: number
  readonly waiting: number
}

/** Its type is `text/plain`. */
export function stubStatus(counts: StubCounts): string {
  const { active, accepted, handled, requests, reading, writing, waiting } = counts
  return [
    `Active connections: ${active} `,
    'server accepts handled requests',
    ` ${accepted} ${handled} ${requests} `,
    `Reading: ${reading} Writing: ${writing} Waiting: ${waiting} `,
    '',
  ].join('\n')
}
