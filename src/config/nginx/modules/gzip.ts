// Compression of answers on their way out, and its undoing (ngx_http_gzip_module, ngx_http_gunzip_module).

import { HTML_ONLY, type MediaTypes, mediaTypes } from '../media-types.ts'
import { flag, harmless, list, own, several, size, word } from '../rows.ts'
import { EVERYWHERE, EVERYWHERE_AND_IF, type Module, type Row } from '../table.ts'
import { readNumber, readSize } from '../units.ts'

export interface GzipSettings {
  readonly gzip: boolean
  readonly gzipTypes: MediaTypes
  /** Bytes; an answer whose length is not known is never too short. */
  readonly gzipMinLength: number
  /** 1 to 9. */
  readonly gzipLevel: number
  /** The largest window that answers are compressed with, in bits. */
  readonly gzipWindowBits: number
  /** zlib's own measure of what it uses to find repeats, 1 to 9. */
  readonly gzipMemLevel: number
  readonly gzipVary: boolean
  /** For which requests that came through a proxy (with `Via`), in nginx's words. */
  readonly gzipProxied: readonly string[]
  readonly gzipVersion: '1.0' | '1.1'
  /** Of which user agents no compressed answer is expected to be read. */
  readonly gzipDisable: readonly GzipDisable[]
  readonly gunzip: boolean
}

/** `msie6` is the browser and not a pattern. */
export type GzipDisable =
  | { readonly kind: 'msie6' }
  | { readonly kind: 'regex'; readonly pattern: string; readonly caseless: true }

const PROXIED = 'off expired no-cache no-store private no_last_modified no_etag auth any'.split(' ')

/** A power of two, from 2 to the `least` to 2 to the `most`; what is kept is its exponent, so much `less`. */
function powerOfTwo(name: string, field: string, least: number, most: number, less = 0): Row {
  return own(name, EVERYWHERE, 1, field, (node, reading) => {
    const bytes = readSize(node.args[0]!)
    const exponent = Math.log2(bytes ?? 0)
    if (Number.isInteger(exponent) && exponent >= least && exponent <= most) return exponent - less
    const powers = Array.from({ length: most - least + 1 }, (_, index) => sizeText(2 ** (least + index)))
    const allowed = `must be ${powers.slice(0, -1).join(', ')}, or ${powers.at(-1)}`
    reading.problem(`"${name}" directive ${bytes === null ? 'invalid value' : allowed}`, node.at)
    return undefined
  })
}

function sizeText(bytes: number): string {
  return bytes < 1024 ? String(bytes) : `${bytes / 1024}k`
}

const GATHERED = 'what is compressed is sent in pieces of the size that zlib makes'

export const gzip: Module = {
  name: 'ngx_http_gzip_module',
  rows: [
    flag('gzip', EVERYWHERE_AND_IF, 'gzip'),
    mediaTypes('gzip_types', 'gzipTypes'),
    size('gzip_min_length', EVERYWHERE, 'gzipMinLength'),
    own('gzip_comp_level', EVERYWHERE, 1, 'gzipLevel', (node, reading) => {
      const number = readNumber(node.args[0]!)
      if (number !== null && number > 0 && number < 10) return number
      const isNumber = number !== null
      reading.problem(
        isNumber ? 'value must be between 1 and 9' : '"gzip_comp_level" directive invalid number',
        node.at,
      )
      return undefined
    }),
    powerOfTwo('gzip_window', 'gzipWindowBits', 9, 15),
    // zlib takes 2 to the (level + 8) bytes for it.
    powerOfTwo('gzip_hash', 'gzipMemLevel', 9, 17, 8),
    flag('gzip_vary', EVERYWHERE, 'gzipVary'),
    several('gzip_proxied', EVERYWHERE, 'gzipProxied', PROXIED),
    word('gzip_http_version', EVERYWHERE, 'gzipVersion', ['1.0', '1.1']),
    list('gzip_disable', EVERYWHERE, [1, Number.POSITIVE_INFINITY], 'gzipDisable', ({ args }) =>
      args.map(
        (pattern): GzipDisable =>
          pattern === 'msie6' ? { kind: 'msie6' } : { kind: 'regex', pattern, caseless: true },
      ),
    ),
    harmless('gzip_buffers', EVERYWHERE, 2, GATHERED),
    harmless('gzip_no_buffer', EVERYWHERE, 'flag', GATHERED),
    harmless('postpone_gzipping', EVERYWHERE, 'size', GATHERED),
    flag('gunzip', EVERYWHERE_AND_IF, 'gunzip'),
    harmless('gunzip_buffers', EVERYWHERE, 2, GATHERED),
  ],
  defaults: {
    gzip: false,
    gzipTypes: HTML_ONLY,
    gzipMinLength: 20,
    gzipLevel: 1,
    gzipWindowBits: 15,
    gzipMemLevel: 8,
    gzipVary: false,
    gzipProxied: ['off'],
    gzipVersion: '1.1',
    gzipDisable: [],
    gunzip: false,
  },
}
