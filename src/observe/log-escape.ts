// How the value of a variable is made safe within a line of a log, in nginx's three ways. Pure.

import type { LogFormatConfig } from '../config/nginx/site.ts'

const UNSAFE = /["\\\x00-\x1f\x7f-\xff]/
const EVERY_UNSAFE = new RegExp(UNSAFE, 'g')
const UNSAFE_IN_JSON = /["\\\x00-\x1f]/
const EVERY_UNSAFE_IN_JSON = new RegExp(UNSAFE_IN_JSON, 'g')
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
}

/** @param value null: the variable has none */
export type Escape = (value: string | null) => string

export const ESCAPES: Readonly<Record<LogFormatConfig['escape'], Escape>> = {
  default: value => (value === null ? '-' : UNSAFE.test(value) ? value.replace(EVERY_UNSAFE, inHex) : value),
  json: value => {
    if (value === null) return ''
    return UNSAFE_IN_JSON.test(value) ? value.replace(EVERY_UNSAFE_IN_JSON, inJson) : value
  },
  none: value => value ?? '',
}

function inHex(character: string): string {
  return `\\x${hex(character)}`
}

function inJson(character: string): string {
  return SHORT[character] ?? `\\u00${hex(character)}`
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')
}
