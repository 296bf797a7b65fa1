// How the value of a variable is made safe within a line of a log, in nginx's three ways. Pure.

import type { LogFormatConfig } from '../config/nginx/site.ts'
import { escapeJson } from '../json-escape.ts'

const UNSAFE = /["\\\x00-\x1f\x7f-\xff]/
const EVERY_UNSAFE = new RegExp(UNSAFE, 'g')

/** @param value null: the variable has none */
export type Escape = (value: string | null) => string

export const ESCAPES: Readonly<Record<LogFormatConfig['escape'], Escape>> = {
  default: value => (value === null ? '-' : UNSAFE.test(value) ? value.replace(EVERY_UNSAFE, inHex) : value),
  json: value => (value === null ? '' : escapeJson(value)),
  none: value => value ?? '',
}

function inHex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
