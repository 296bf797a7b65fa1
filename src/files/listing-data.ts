// A folder's content for programs, in nginx's JSON (with a callback: JSONP) and XML, to the byte. Pure.

import type { FolderEntry } from '../disk/folder.ts'
import { escapeHtml } from '../html-escape.ts'
import { escapeJson } from '../json-escape.ts'

/** @param callback the function that is to be called with it; null: plain JSON */
export function listingInJson(entries: readonly FolderEntry[], callback: string | null): string {
  const items = entries.map(({ name, facts }) => {
    const size = facts.kind === 'file' ? `, "size":${facts.size}` : ''
    const changed = new Date(facts.changed * 1000).toUTCString()
    return `\r\n{ "name":"${escapeJson(name)}", "type":"${kindOf(facts)}", "mtime":"${changed}"${size} }`
  })
  const list = `[${items.join(',')}\r\n]`
  return callback === null ? list : `/* callback */\r\n${callback}(${list});`
}

/** `autoindex_format xml`. */
export function listingInXml(entries: readonly FolderEntry[]): string {
  const items = entries.map(({ name, facts }) => {
    const kind = kindOf(facts)
    const size = facts.kind === 'file' ? ` size="${facts.size}"` : ''
    const changed = new Date(facts.changed * 1000).toISOString().replace('.000Z', 'Z')
    return `<${kind} mtime="${changed}"${size}>${escapeHtml(name)}</${kind}>\r\n`
  })
  return `<?xml version="1.0"?>\r\n<list>\r\n${items.join('')}</list>\r\n`
}

function kindOf({ kind }: FolderEntry['facts']): string {
  return kind === 'folder' ? 'directory' : kind
}
