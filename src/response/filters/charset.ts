// The charset that an answer is said to have, and the conversion to it (ngx_http_charset_filter); what is put into another
// page is written as that one is. Owns the decision and the charset in Content-Type.

import { everySetting } from '../../config/nginx/finish.ts'
import { mapBetween, sameCharset } from '../../config/nginx/modules/charset.ts'
import type { Script, SiteConfig } from '../../config/nginx/site.ts'
import type { AnswerHead } from '../../outcome.ts'
import type { Visit } from '../../visit.ts'
import type { BodyFilter } from '../body-filter.ts'
import { type ContentType, isAmong } from './content-type.ts'
import { recoding } from './recoding.ts'

/** Decides, and changes the head: the filter is made where there is a body to filter. */
export function sayCharset(visit: Visit, head: AnswerHead, type: ContentType): (() => BodyFilter) | null {
  const to = visit.parent === null ? wanted(visit, head, type) : visit.main.charset
  // What an app says stays as it is.
  visit.charset = to || type.charset
  if (!to) return null
  const { sourceCharset, charsetMaps } = visit.settings
  const from =
    type.charset !== '' ? type.charset : sourceCharset === null ? null : nameOf(visit, sourceCharset)
  if (from === null || sameCharset(from, to)) {
    say(head, type, to)
    return null
  }
  // What is compressed cannot be read here.
  if ((head.headers.get('content-encoding') ?? '') !== '') return null
  const map = mapBetween(charsetMaps, from, to)
  if (map === null) {
    visit.site.logs.error('error', `no "charset_map" between the charsets "${from}" and "${to}"`, visit)
    return null
  }
  say(head, type, to)
  const { sameLength, filter } = recoding(map, from)
  if (!sameLength) head.length = null
  return filter
}

// The charset that the answer is to have (ngx_http_destination_charset); null: whatever it is.
function wanted(visit: Visit, head: AnswerHead, type: ContentType): string | null {
  if (type.text === '') return null
  if (head.charset !== undefined && head.charset !== '') {
    if (knownTo(visit.site.config, head.charset)) return head.charset
    visit.site.logs.error('error', `unknown charset "${head.charset}" to override`, visit)
    return null
  }
  const { charset, overrideCharset, charsetTypes } = visit.settings
  if (charset === null) return null
  const applies = type.charset !== '' ? overrideCharset : isAmong(type, charsetTypes)
  return applies ? nameOf(visit, charset) : null
}

// A name as it stands, unless it is a variable as a whole.
function nameOf(visit: Visit, script: Script): string {
  return script.text.startsWith('$') ? visit.text(script) : script.text
}

function say(head: AnswerHead, { bare }: ContentType, charset: string): void {
  // Old browsers took the charset of a redirect for that of the page it leads to.
  const redirect = head.status === 301 || head.status === 302
  head.headers.replace('content-type', redirect || charset === '' ? bare : `${bare}; charset=${charset}`)
}

const known = new WeakMap<SiteConfig, Set<string>>()

// Whether the file names it anywhere.
function knownTo(site: SiteConfig, name: string): boolean {
  let names = known.get(site)
  if (names === undefined) {
    names = new Set()
    for (const { charset, sourceCharset, charsetMaps } of everySetting(site.servers)) {
      for (const each of [charset, sourceCharset]) if (each !== null) names.add(each.text.toLowerCase())
      for (const { from, to } of charsetMaps) names.add(from.toLowerCase()).add(to.toLowerCase())
    }
    known.set(site, names)
  }
  return names.has(name.toLowerCase())
}
