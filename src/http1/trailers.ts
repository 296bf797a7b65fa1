// The trailer section of a chunked body (RFC 9112 §7.1.2): collected up to a limit, read as strictly as a head,
// and rid of every field that means something only at a message's beginning.

import { CR, LF } from './characters.ts'
import { parseFields } from './fields.ts'
import { HeaderList } from './headers.ts'
import { badRequest, quoteBytes } from './protocol-error.ts'

/** The most bytes of a trailer section, its empty line included. */
export const MAX_TRAILER_BYTES = 8192
export const MAX_TRAILER_FIELDS = 64

/**
 * What RFC 9110 §6.5.1 keeps out of trailers: message framing, routing, request modifiers, authentication,
 * content's processing and response control. A recipient that merges trailers into the head would be misled.
 */
const FORBIDDEN = new Set(
  [
    'transfer-encoding content-length connection keep-alive proxy-connection upgrade te trailer http2-settings',
    'host cache-control expect max-forwards pragma range if-match if-none-match if-modified-since',
    'if-unmodified-since if-range authorization proxy-authorization www-authenticate proxy-authenticate',
    'authentication-info proxy-authentication-info cookie set-cookie content-encoding content-type content-range',
    'content-location content-disposition age expires date location retry-after vary warning forwarded proxy',
    'x-real-ip x-accel-buffering x-accel-redirect x-request-id strict-transport-security',
  ].flatMap(line => line.split(' ')),
)
/** The fields that this proxy and the edge set themselves. */
const FORBIDDEN_PREFIX = /^(?:x-forwarded-|cf-|access-control-)/

/** Collects one trailer section; most are a mere CRLF, and cost nothing. */
export class TrailerSection {
  done = false
  /** Null when there are no fields that may be passed on. */
  fields: HeaderList | null = null
  #bytes: Buffer | null = null
  #used = 0
  /** How much of CRLF CRLF has been seen; the section begins at the start of a line. */
  #matched = 2

  /** Reads from `start` to `end`; returns the offset after the section's last byte. Throws a ProtocolError. */
  push(buf: Buffer, start: number, end: number): number {
    let at = start
    while (at < end && this.#matched < 4) {
      const code = buf[at]!
      // At 1 and 3 a CR waits for its LF.
      if (this.#matched % 2 === 1) {
        if (code !== LF) throw badRequest(`a bare CR in the trailers before ${quoteBytes(buf, at, at + 1)}`)
        this.#matched++
      } else if (code === CR) {
        this.#matched++
      } else if (code === LF) {
        throw badRequest('a bare LF in the trailers')
      } else {
        this.#matched = 0
      }
      at++
    }
    if (this.#used + at - start > MAX_TRAILER_BYTES) {
      throw badRequest(`more than ${MAX_TRAILER_BYTES} bytes of trailers`)
    }
    const whole = this.#matched === 4
    if (this.#bytes === null && whole && at - start <= 2) {
      // Only the empty line, or its end: nothing was kept of it.
      if (this.#used + at - start === 2) {
        this.done = true
        return at
      }
    }
    this.#keep(buf, start, at)
    if (whole) this.#finish()
    return at
  }

  #keep(buf: Buffer, start: number, end: number): void {
    const needed = this.#used + end - start
    if (this.#bytes === null || needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.min(MAX_TRAILER_BYTES, Math.max(256, needed * 2)))
      this.#bytes?.copy(larger, 0, 0, this.#used)
      this.#bytes = larger
    }
    buf.copy(this.#bytes, this.#used, start, end)
    this.#used = needed
  }

  #finish(): void {
    const bytes = this.#bytes!
    const all = new HeaderList()
    parseFields(bytes, 0, this.#used, bytes.toString('latin1', 0, this.#used), 0, all, 'refuse')
    if (all.length > MAX_TRAILER_FIELDS) throw badRequest(`more than ${MAX_TRAILER_FIELDS} trailers`)
    this.#bytes = null
    this.done = true
    const kept = new HeaderList()
    for (let i = 0; i < all.length; i++) {
      const name = all.lower[i]!
      if (FORBIDDEN.has(name) || FORBIDDEN_PREFIX.test(name) || name.includes('_')) continue
      kept.add(all.names[i]!, all.values[i]!, name)
    }
    if (kept.length > 0) this.fields = kept
  }
}
