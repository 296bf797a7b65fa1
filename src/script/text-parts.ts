// Cuts a text into what stands there and the variables and captures in it, as nginx does (ngx_http_script_compile).

import type { Script } from '../config/nginx/site.ts'

/** `name` in lower case: names of variables have no case. */
export type Part = string | { readonly variable: string } | { readonly capture: number }

/** @throws Error with nginx's words */
export function partsOfScript({ text, whole }: Script): readonly Part[] {
  return whole === true ? [{ variable: text.slice(1).toLowerCase() }] : partsOf(text)
}

/**
 * `$name`, `${name}`, `$1` to `$9`; all else stands for itself.
 * @throws Error with nginx's words
 */
export function partsOf(text: string): readonly Part[] {
  const parts: Part[] = []
  for (let at = 0; at < text.length; ) {
    const dollar = text.indexOf('$', at)
    if (dollar === -1) {
      parts.push(text.slice(at))
      break
    }
    if (dollar > at) parts.push(text.slice(at, dollar))
    const [part, end] = partAt(text, dollar)
    parts.push(part)
    at = end
  }
  return parts
}

function partAt(text: string, dollar: number): [Part, number] {
  const reference = /\$(?:([1-9])|(\w+)|\{(\w+)(\}?))/y
  reference.lastIndex = dollar
  const [, capture, bare, braced, close] = reference.exec(text) ?? []
  if (capture !== undefined) return [{ capture: Number(capture) }, reference.lastIndex]
  if (close === '') throw new Error(`the closing bracket in "${braced}" variable is missing`)
  const name = bare ?? braced
  if (name === undefined) throw new Error('invalid variable name')
  return [{ variable: name.toLowerCase() }, reference.lastIndex]
}
