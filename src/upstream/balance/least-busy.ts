// least_conn: the address with the fewest requests for its weight; among equals, whose turn it is.

import type { Peer, Picker } from './picker.ts'
import { smooth } from './round-robin.ts'

export class LeastBusy implements Picker {
  readonly byKey = false

  pick<P extends Peer>(peers: readonly P[], usable: (peer: P) => boolean): P | null {
    let least = Number.POSITIVE_INFINITY
    let equals: P[] = []
    for (const peer of peers) {
      if (!usable(peer)) continue
      const load = peer.busy / peer.standing.terms.weight
      if (load > least) continue
      if (load < least) equals = []
      least = load
      equals.push(peer)
    }
    return equals.length > 1 ? smooth(equals) : (equals[0] ?? null)
  }
}
