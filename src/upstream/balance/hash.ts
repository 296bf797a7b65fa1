// hash: a key of the file's choice decides. As Cache::Memcached and nginx have it: half of a CRC-32 of the key, again with
// a number before it for each address that cannot be had; without a key, whose turn it is.

import { crc32 } from 'node:zlib'
import { MOST_TRIES } from './ip-hash.ts'
import type { Peer, Picker } from './picker.ts'
import { atWeight, smooth, totalWeight } from './round-robin.ts'

export class Hash implements Picker {
  readonly byKey = true

  pick<P extends Peer>(peers: readonly P[], usable: (peer: P) => boolean, key: string | null): P | null {
    if (peers.length === 0) return null
    if (key === null || key === '') return smooth(peers.filter(usable))
    const total = totalWeight(peers)
    let hash = 0
    for (let tries = 0; tries <= MOST_TRIES; tries++) {
      const text = tries === 0 ? key : `${tries}${key}`
      hash += (crc32(Buffer.from(text, 'latin1')) >>> 16) & 0x7fff
      const peer = atWeight(peers, hash % total)
      if (usable(peer)) return peer
    }
    return smooth(peers.filter(usable))
  }
}
