// Certificates with their keys, as one context takes them: of each kind of key the last one, as in OpenSSL.

import { X509Certificate } from 'node:crypto'

export interface Pair {
  readonly cert: Buffer
  readonly key: Buffer
}

/** A certificate that cannot be read stays: whoever uses it says what is wrong. */
export function lastOfEachKind(pairs: readonly Pair[]): readonly Pair[] {
  if (pairs.length < 2) return pairs
  const last = new Map<unknown, Pair>()
  for (const pair of pairs) {
    const kind = kindOf(pair.cert) ?? pair
    // What comes later stands later, too.
    last.delete(kind)
    last.set(kind, pair)
  }
  return [...last.values()]
}

function kindOf(cert: Buffer): string | null {
  try {
    const { asymmetricKeyType = '' } = new X509Certificate(cert).publicKey
    return asymmetricKeyType
  } catch {
    return null
  }
}
