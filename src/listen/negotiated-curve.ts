// Which curve a handshake came to, for `$ssl_curve`: Node tells clients of it and not servers, so that it is worked out
// from what both sides offer, as OpenSSL does (tls1_shared_group and tls_parse_ctos_key_share of 3.5). Pure.

import type { ClientHello } from './client-hello.ts'
import { curveName, curveNumber } from './tls-names.ts'

/** What a server says of curves. */
export interface CurveWords {
  /** OpenSSL's list; null: its own. */
  readonly list: string | null
  /** The server's order counts. */
  readonly serverOrder: boolean
}

/** OpenSSL 3.5's own list: those of one line are as good as one another. */
const OWN = ['X25519MLKEM768', 'X25519:prime256v1', 'X448:secp384r1:secp521r1', 'ffdhe2048:ffdhe3072'].join(
  '/',
)

/** From here on numbers are of groups that are no curves, or that only TLS 1.3 has. */
const NO_CURVE = 256

/** Empty: there is none, or it cannot be known. */
export function negotiatedCurve(
  { curves, shares }: Pick<ClientHello, 'curves' | 'shares'>,
  { list, serverOrder }: CurveWords,
  protocol: string | null,
  cipher: string,
): string {
  const lines = linesOf(list === null || list === 'auto' ? OWN : list)
  if (lines === null) return ''
  const found =
    protocol === 'TLSv1.3'
      ? inNewer(lines, curves, shares, serverOrder)
      : cipher.startsWith('ECDHE')
        ? inOlder(lines.flat(), curves, serverOrder)
        : undefined
  return found === undefined ? '' : curveName(found)
}

/** Of the first line with anything the client knows: what it has sent a key for already, else what comes first. */
function inNewer(
  lines: readonly (readonly number[])[],
  curves: readonly number[],
  shares: readonly number[],
  serverOrder: boolean,
): number | undefined {
  for (const line of lines) {
    const shared = serverOrder
      ? line.filter(each => curves.includes(each))
      : curves.filter(each => line.includes(each))
    if (shared.length > 0) return shared.find(each => shares.includes(each)) ?? shared[0]
  }
  return undefined
}

function inOlder(
  line: readonly number[],
  curves: readonly number[],
  serverOrder: boolean,
): number | undefined {
  const [first, second] = serverOrder ? [line, curves] : [curves, line]
  return first.find(each => each < NO_CURVE && second.includes(each))
}

/** Null: it names what is not known here. */
function linesOf(list: string): number[][] | null {
  const lines = list
    .split('/')
    .map(line => line.split(':').map(name => curveNumber(name.replace(/^[?*]+/, ''))))
  return lines.every((line): line is number[] => line.every(each => each !== null)) ? lines : null
}
