// Text as nginx puts it into JSON (ngx_escape_json): for listings of folders and for lines of logs, where bytes from 0x80 up
// stay as they are. Escapes, and builds nothing.

const UNSAFE = /["\\\x00-\x1f]/
const EVERY_UNSAFE = new RegExp(UNSAFE, 'g')
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
}

/** @param text one character a byte */
export function escapeJson(text: string): string {
  return UNSAFE.test(text) ? text.replace(EVERY_UNSAFE, escaped) : text
}

function escaped(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}
