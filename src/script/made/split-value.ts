// What `split_clients` comes to (ngx_http_split_clients_module): a text's hash says which share of all it falls in, and
// does so each time, with the same result as nginx.

import type { VariableConfig } from '../../config/nginx/site.ts'
import type { Scripts } from '../scripts.ts'
import type { Making } from './made-variable.ts'

type SplitConfig = Extract<VariableConfig, { kind: 'split' }>

/** Compiled once for all visits. */
export function splitValue(config: SplitConfig, scripts: Scripts): Making {
  const source = scripts.text(config.source)
  let last = 0
  const parts = config.parts.map(({ share, value }) => {
    // Cut off before they are added up, as nginx does.
    if (share !== null) last += Math.floor((share * 0xffff_ffff) / 10_000)
    return { below: share === null ? Number.POSITIVE_INFINITY : last, value }
  })
  return visit => {
    const hash = murmurHash2(source.of(visit))
    for (const { below, value } of parts) if (hash < below) return value
    return ''
  }
}

const FACTOR = 0x5bd1_e995

/** Austin Appleby's MurmurHash2 with the seed 0, over a text whose characters are bytes. */
export function murmurHash2(text: string): number {
  let hash = text.length
  let at = 0
  for (; at + 4 <= text.length; at += 4) {
    let word =
      (text.charCodeAt(at) & 255) |
      ((text.charCodeAt(at + 1) & 255) << 8) |
      ((text.charCodeAt(at + 2) & 255) << 16) |
      (text.charCodeAt(at + 3) << 24)
    word = Math.imul(word, FACTOR)
    word = Math.imul(word ^ (word >>> 24), FACTOR)
    hash = Math.imul(hash, FACTOR) ^ word
  }
  if (at < text.length) {
    for (let byte = text.length - 1; byte >= at; byte--)
      hash ^= (text.charCodeAt(byte) & 255) << (8 * (byte - at))
    hash = Math.imul(hash, FACTOR)
  }
  hash = Math.imul(hash ^ (hash >>> 13), FACTOR)
  return (hash ^ (hash >>> 15)) >>> 0
}
