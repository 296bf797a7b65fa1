// Reads the field lines of a head or a trailer section into a list, strictly (RFC 9112 §5). Knows no field's
// meaning.

import { COLON, CR, HTAB, LF, SP, TOKEN, VALUE } from './characters.ts'
import { knownName } from './field-names.ts'
import type { HeaderList } from './headers.ts'
import { badRequest, ProtocolError, quoteBytes } from './protocol-error.ts'

/** Far above what anyone sends (gunicorn takes 100, Node 2,000); a bound for whoever walks the list. */
export const MAX_FIELDS = 1000

/** What to do with a line that continues the one before it. */
export type Fold = 'refuse' | 'join'

/**
 * Reads the lines from `pos` up to the empty line, which must end just before `end`. `text` is the latin1 string
 * of the buffer from `base` on: slices of one string cost less than a conversion for each field. An obsolete
 * fold is refused, or becomes one space (RFC 9112 §5.2: what a proxy may do with an answer's). Throws a
 * ProtocolError for everything else that is not exactly `name ":" OWS value OWS CRLF`.
 */
export function parseFields(
  buf: Buffer,
  pos: number,
  end: number,
  text: string,
  base: number,
  into: HeaderList,
  fold: Fold,
): void {
  const { names, lower, values } = into
  let at = pos
  let code = buf[at]!
  while (code !== CR) {
    const nameStart = at
    while (TOKEN[code] === 1) code = buf[++at]!
    if (code !== COLON || at === nameStart) throw badName(buf, nameStart, at)
    const known = knownName(buf, nameStart, at)
    const name = known === null ? text.slice(nameStart - base, at - base) : known.name

    do code = buf[++at]!
    while (code === SP || code === HTAB)
    const valueStart = at
    while (VALUE[code] === 1) code = buf[++at]!
    if (code !== CR || buf[at + 1] !== LF) throw badValue(buf, at, name)
    let valueEnd = at
    while (valueEnd > valueStart && (buf[valueEnd - 1] === SP || buf[valueEnd - 1] === HTAB)) valueEnd--
    at += 2
    code = buf[at]!

    names.push(name)
    lower.push(known === null ? name.toLowerCase() : known.lower)
    values.push(text.slice(valueStart - base, valueEnd - base))
    if (code === SP || code === HTAB) {
      if (fold === 'refuse') throw badRequest(`an obsolete fold in the field ${quoteBytes(name)}`)
      at = joinFolds(buf, at, text, base, values, name)
      code = buf[at]!
    }
    if (names.length > MAX_FIELDS) throw new ProtocolError('head_too_large', `more than ${MAX_FIELDS} fields`)
  }
  // Anything else before `end` is a bare CR.
  if (at + 2 !== end || buf[at + 1] !== LF) throw badValue(buf, at, '')
}

// Appends the continuations of the last value and returns where the next line begins.
function joinFolds(
  buf: Buffer,
  pos: number,
  text: string,
  base: number,
  values: string[],
  name: string,
): number {
  let at = pos
  const parts = [values.pop()!]
  while (buf[at] === SP || buf[at] === HTAB) {
    const start = at
    while (VALUE[buf[at]!] === 1) at++
    if (buf[at] !== CR || buf[at + 1] !== LF) throw badValue(buf, at, name)
    parts.push(text.slice(start - base, at - base).replace(/^[ \t]+|[ \t]+$/g, ''))
    at += 2
  }
  values.push(parts.filter(part => part !== '').join(' '))
  return at
}

function badName(buf: Buffer, start: number, at: number): ProtocolError {
  const code = buf[at]!
  const line = quoteBytes(buf, start, Math.max(at, start) + 1)
  if (at === start && (code === SP || code === HTAB)) return badRequest('white space before the first field')
  if (code === SP || code === HTAB)
    return badRequest(`white space in a field name or before its colon: ${line}`)
  if (code === CR && buf[at + 1] === LF) return badRequest(`a field line without a colon: ${line}`)
  if (code === CR || code === LF)
    return badRequest(`a bare ${code === CR ? 'CR' : 'LF'} in a field name: ${line}`)
  if (at === start && code === COLON) return badRequest('an empty field name')
  return badRequest(`a field name that is not a token: ${line}`)
}

function badValue(buf: Buffer, at: number, name: string): ProtocolError {
  const code = buf[at]!
  const where = name === '' ? 'after the fields' : `in the field ${quoteBytes(name)}`
  if (code === CR) return badRequest(`a bare CR ${where}`)
  if (code === LF) return badRequest(`a bare LF ${where}`)
  return badRequest(`a control character ${where}: ${quoteBytes(buf, at, at + 1)}`)
}
