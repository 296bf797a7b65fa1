// ip_hash: a client's address decides; of IPv4 its first three bytes, so that a network stays together. The numbers are
// nginx's, so that a client is led to the same server by both.

import { addressBytes } from './address-bytes.ts'
import type { Peer, Picker } from './picker.ts'
import { atWeight, smooth, totalWeight } from './round-robin.ts'

/** After so many choices that cannot be had, the key is given up. */
export const MOST_TRIES = 20

export class IpHash implements Picker {
  readonly byKey = true

  pick<P extends Peer>(peers: readonly P[], usable: (peer: P) => boolean, key: string | null): P | null {
    if (peers.length === 0) return null
    const bytes = addressBytes(key ?? '')
    const total = totalWeight(peers)
    let hash = 89
    for (let tries = 0; tries <= MOST_TRIES; tries++) {
      for (const byte of bytes) hash = (hash * 113 + byte) % 6271
      const peer = atWeight(peers, hash % total)
      if (usable(peer)) return peer
    }
    return smooth(peers.filter(usable))
  }
}
