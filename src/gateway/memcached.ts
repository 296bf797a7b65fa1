// A request for one key to memcached, and the line that its answer begins with (memcached's doc/protocol.txt, "Retrieval
// command"; ngx_http_memcached_module). Knows no policy.

import { badRequest, quoteBytes } from '../http1/protocol-error.ts'
import { GatewayError } from './params.ts'

/** What would end a key: spaces, and controls; and what says that something was escaped (NGX_ESCAPE_MEMCACHED). */
const UNSAFE = /[\x00-\x20%]/g

/**
 * The key as it is asked for. @param text bytes, a character each
 * @throws GatewayError where there is none
 */
export function memcachedKey(text: string): string {
  if (text === '') throw new GatewayError('the "$memcached_key" variable is not set')
  return text.replace(UNSAFE, each => `%${each.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

/** The request; @param key escaped */
export function memcachedRequest(key: string): string {
  return `get ${key}\r\n`
}

/** What there is under a key. */
export interface MemcachedValue {
  /** What whoever stored it said of it. */
  readonly flags: number
  /** Bytes. */
  readonly length: number
}

/**
 * What the first line of an answer says; null: there is nothing under that key.
 * @param line with its end
 * @param key escaped, as it was asked for
 * @param readsFlags whether it matters what the flags are
 * @throws ProtocolError where it says neither
 */
export function readMemcachedLine(line: string, key: string, readsFlags: boolean): MemcachedValue | null {
  if (line === 'END\r\n') return null
  const told = quoteBytes(line.replace(/\r?\n$/, ''))
  if (!line.endsWith('\r\n') || !line.startsWith('VALUE '))
    throw badRequest(`memcached sent invalid response: ${told}`)
  const wrong = (what: string) =>
    badRequest(`memcached sent invalid ${what} in response ${told} for key ${quoteBytes(key)}`)
  if (!line.startsWith(key, VALUE)) throw wrong('key')
  const [, flags, length] = /^ ([^ ]*) (.*)\r\n$/s.exec(line.slice(VALUE + key.length)) ?? []
  if (flags === undefined || length === undefined)
    throw badRequest(`memcached sent invalid response: ${told}`)
  if (readsFlags && !NUMBER.test(flags)) throw wrong('flags')
  if (!NUMBER.test(length)) throw wrong('length')
  return { flags: readsFlags ? Number(flags) : 0, length: Number(length) }
}

const VALUE = 'VALUE '.length
const NUMBER = /^\d{1,15}$/
