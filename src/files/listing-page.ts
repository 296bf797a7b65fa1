// A folder's content as nginx's page for people, to the byte, since programs read it as well. Pure.

import type { FolderEntry } from '../disk/folder.ts'
import { escapeHtml } from '../html-escape.ts'
import { escapeUri } from '../http1/uri.ts'

/** Width of the column of names, in characters (NGX_HTTP_AUTOINDEX_NAME_LEN). */
const NAME_WIDTH = 50
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export interface ListingOptions {
  readonly exactSize: boolean
  readonly localTime: boolean
  /** Names are UTF-8, and characters are what is counted. */
  readonly utf8: boolean
}

/** @param entries in the order they are shown in */
export function listingPage(uri: string, entries: readonly FolderEntry[], options: ListingOptions): string {
  const title = `Index of ${escapeHtml(uri)}`
  // The server's time is behind or before UTC as it is now, not as it was when the file was changed.
  const shift = options.localTime ? -new Date().getTimezoneOffset() * 60 : 0
  return [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<h1>${title}</h1><hr><pre><a href="../">../</a>`,
    ...entries.map(entry => line(entry, shift, options)),
    '</pre><hr></body>',
    '</html>',
    '',
  ].join('\r\n')
}

function line({ name, facts }: FolderEntry, shift: number, { exactSize, utf8 }: ListingOptions): string {
  const isFolder = facts.kind === 'folder'
  const href = `${escapeUri(name, 'component')}${isFolder ? '/' : ''}`
  const size = isFolder ? '-' : exactSize ? String(facts.size) : roundedSize(facts.size)
  const sizeWidth = exactSize ? 19 : 7
  return `<a href="${href}">${nameColumn(name, isFolder, utf8)} ${timeColumn(facts.changed + shift)} ${size.padStart(sizeWidth)}`
}

function nameColumn(name: string, isFolder: boolean, utf8: boolean): string {
  const characters = utf8 ? charactersOf(name) : null
  const length = characters?.length ?? name.length
  if (length > NAME_WIDTH) {
    const short = characters?.slice(0, NAME_WIDTH - 3).join('') ?? name.slice(0, NAME_WIDTH - 3)
    return `${escapeHtml(short)}..&gt;</a>`
  }
  const slash = isFolder && length < NAME_WIDTH ? '/' : ''
  return `${escapeHtml(name)}${slash}</a>${' '.repeat(NAME_WIDTH - length - slash.length)}`
}

/** RFC 3629, but for surrogates, which nginx does not mind; one character each. */
const CHARACTER =
  /[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}/g

// Null: it is not UTF-8, and its bytes are counted.
function charactersOf(name: string): string[] | null {
  const characters = name.match(CHARACTER) ?? []
  return characters.join('').length === name.length ? characters : null
}

function timeColumn(seconds: number): string {
  const at = new Date(seconds * 1000)
  const day = `${two(at.getUTCDate())}-${MONTHS[at.getUTCMonth()]}-${at.getUTCFullYear()}`
  return `${day} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

// Seven places: six and a unit.
function roundedSize(bytes: number): string {
  if (bytes >= 1024 ** 3) return `${inUnits(bytes, 1024 ** 3)}G`
  if (bytes >= 1024 ** 2) return `${inUnits(bytes, 1024 ** 2)}M`
  return bytes > 9999 ? `${inUnits(bytes, 1024)}K` : String(bytes)
}

// Halves are rounded up.
function inUnits(bytes: number, unit: number): number {
  return Math.floor(bytes / unit) + (bytes % unit >= unit / 2 ? 1 : 0)
}
