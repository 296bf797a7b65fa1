// What a kept answer is called: the digest of its key, that of a variant of it, and the file that has that name
// (ngx_http_file_cache_create_key, ngx_http_file_cache_vary, ngx_create_hashed_filename). The names are nginx's own, so
// that what people have for removing files from its cache works here. Pure.

import { createHash, hash } from 'node:crypto'
import type { HeaderList } from '../http1/headers.ts'

/** 32 digits. @param key one character a byte */
export function digestOf(key: string): string {
  return hash('md5', Buffer.from(key, 'latin1'), 'hex')
}

/** Of these the order of white space and commas says nothing. */
const LISTS = new Set(['accept-charset', 'accept-encoding', 'accept-language'])

/**
 * The second key: what the request has in the fields that the answer depends on.
 * @param main the digest of the key
 * @param vary the fields, as the answer names them
 */
export function variantOf(main: string, vary: string, request: HeaderList): string {
  const digest = createHash('md5').update(main, 'hex')
  for (const name of membersOf(vary.toLowerCase())) {
    const values = request.all(name)
    const text = LISTS.has(name) ? values.flatMap(membersOf).join(',') : values.join(',')
    digest.update(`${name}:${text}\r\n`, 'latin1')
  }
  return digest.digest('hex')
}

function membersOf(list: string): string[] {
  return list.split(/[ ,]+/).filter(each => each !== '')
}

/** The folder and the file of a digest: its last digits name the folders, the last of them first. */
export function placeOf(
  path: string,
  levels: readonly number[],
  digest: string,
): { readonly folder: string; readonly file: string } {
  let folder = path
  let end = digest.length
  for (const digits of levels) {
    folder += `/${digest.slice(end - digits, end)}`
    end -= digits
  }
  return { folder, file: `${folder}/${digest}` }
}
