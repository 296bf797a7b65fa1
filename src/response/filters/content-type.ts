// The media type of an answer as nginx's filters see it: what they compare with their lists, and the charset beside it.
// Changes nothing.

import type { MediaTypes } from '../../config/nginx/media-types.ts'
import type { AnswerHead } from '../../outcome.ts'

export interface ContentType {
  /** The whole value; empty: there is none. */
  readonly text: string
  /** Without the charset that an app said, and what follows it; every other parameter counts as a part of the type. */
  readonly bare: string
  /** What the app said; empty: nothing. */
  readonly charset: string
}

/** Only of an app's answer is a charset looked for (ngx_http_upstream_copy_content_type): a file's type is as written. */
export function contentTypeOf({ headers, passedOn, appsType }: AnswerHead): ContentType {
  const text = headers.get('content-type') ?? ''
  return passedOn || appsType === true ? readContentType(text) : { text, bare: text, charset: '' }
}

/** A type as an app says it. */
export function readContentType(text: string): ContentType {
  const found = /; *charset=/i.exec(text)
  if (found === null) return { text, bare: text, charset: '' }
  const value = text.slice(found.index + found[0].length)
  return { text, bare: text.slice(0, found.index), charset: value.replace(/^"/, '').replace(/"$/, '') }
}

/** An answer without a type is among all of them, and among no list. */
export function isAmong({ bare }: ContentType, types: MediaTypes): boolean {
  return types === null || types.has(bare.toLowerCase())
}
