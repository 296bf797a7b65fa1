// Foreign text made safe to print: bounded, and with nothing in it that ends a line early or that a terminal
// obeys. Every byte from a client or a worker passes here before it reaches a log. Knows no fields.

/** The longest that each kind of foreign text is printed, in characters. */
export const LONGEST = {
  id: 128,
  ray: 128,
  client: 64,
  method: 32,
  host: 255,
  url: 2048,
  upstream: 255,
  serverTiming: 512,
  referer: 2048,
  userAgent: 512,
  detail: 512,
} as const

/** Printable ASCII without the quote and the backslash: needs no escape in JSON. */
const plain = /^[ !#-[\]-~]*$/

/**
 * What JSON leaves alone and a terminal may obey: DEL, the C1 controls (U+009B begins a sequence as `ESC [`
 * does), the line separators, and the marks that turn the direction of writing.
 */
const unsafe = /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g

const uEscape = (c: string): string => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0')

/** Cuts at `max` characters and marks the cut with an ellipsis. */
export function clip(text: string, max: number): string {
  return text.length > max ? text.slice(0, max) + '…' : text
}

/** A JSON string, quotes included. The check costs less than JSON.stringify where nothing needs an escape. */
export function quote(text: string, max: number): string {
  const cut = text.length > max ? text.slice(0, max) + '…' : text
  return plain.test(cut) ? '"' + cut + '"' : harmless(JSON.stringify(cut))
}

/** Escapes, in text that is JSON already, what JSON allows and a terminal may obey. */
export function harmless(json: string): string {
  return json.replace(unsafe, uEscape)
}

/** All that must not reach a terminal or end a line, for text that is not JSON. */
const control = /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/g
const quoted = /[\x00-\x1f"\\\x7f-\xff]/g

const shownEscape = (c: string): string => {
  const code = c.charCodeAt(0)
  return code < 0x100 ? '\\x' + code.toString(16).padStart(2, '0') : uEscape(c)
}

/** For people: controls as `\x1b`, the rest as it is. */
export function shown(text: string, max: number): string {
  return clip(text, max).replace(control, shownEscape)
}

/** For a quoted field of the combined format: as nginx escapes it, `\x22` for a quote and for all beyond ASCII. */
export function quotedField(text: string, max: number): string {
  if (text === '') return '-'
  return (text.length > max ? text.slice(0, max) : text)
    .replace(quoted, shownEscape)
    .replace(/[^\x00-\x7f]/g, uEscape)
}

/** Every string within a parsed log line, made harmless for a terminal; only a stack keeps its line ends. */
export function shownDeep(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    if (key === 'stack')
      return value
        .split('\n')
        .map(line => shown(line, 1000))
        .join('\n')
    return shown(value, 4096)
  }
  if (Array.isArray(value)) return value.map(item => shownDeep(item))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [shown(name, 128), shownDeep(inner, name)]),
    )
  }
  return value
}
