// The type of what is served, by the end of its name (ngx_http_set_exten, ngx_http_set_content_type). Looks at no
// content.

import type { Settings } from './settings.ts'

/** What nginx knows without a `types` block. */
const BUILT_IN: Readonly<Record<string, string>> = {
  html: 'text/html',
  gif: 'image/gif',
  jpg: 'image/jpeg',
}

/** @returns as `types` or `default_type` have it; empty: nothing is to be said */
export function contentTypeOf(settings: Settings, uri: string): string {
  const types = settings.types ?? BUILT_IN
  const extension = extensionOf(uri).toLowerCase()
  return Object.hasOwn(types, extension) ? types[extension]! : settings.defaultType
}

// What stands behind the last dot of the last part, unless the part begins with it.
function extensionOf(uri: string): string {
  const dot = uri.lastIndexOf('.')
  return dot < 2 || uri[dot - 1] === '/' || uri.includes('/', dot) ? '' : uri.slice(dot + 1)
}
