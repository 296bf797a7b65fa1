// Fields that a request may bring once only: of two, nobody could say which one counts (nginx's
// ngx_http_process_unique_header_line). Those that frame the message are looked at where it is read.

import type { HeaderList } from '../http1/headers.ts'

const UNIQUE = [
  'authorization',
  'content-range',
  'expect',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
]

/** The name of the first of them that stands there twice, in lower case; null: none does. */
export function repeatedField({ lower }: HeaderList): string | null {
  for (const name of UNIQUE) {
    const at = lower.indexOf(name)
    if (at !== -1 && lower.indexOf(name, at + 1) !== -1) return name
  }
  return null
}
