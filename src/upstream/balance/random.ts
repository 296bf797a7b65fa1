// random: by lot, as weights go; `two`: the less busy of two lots, which is nearly as good as looking at all.

import { MOST_TRIES } from './ip-hash.ts'
import type { Peer, Picker } from './picker.ts'
import { atWeight, smooth, totalWeight } from './round-robin.ts'

export class RandomPick implements Picker {
  readonly byKey = false
  readonly #two: boolean
  readonly #random: () => number

  /** @param random from 0 to below 1 */
  constructor(two: boolean, random: () => number = Math.random) {
    this.#two = two
    this.#random = random
  }

  pick<P extends Peer>(peers: readonly P[], usable: (peer: P) => boolean): P | null {
    const first = this.#draw(peers, usable)
    if (first === null) return smooth(peers.filter(usable))
    if (!this.#two) return first
    const second = this.#draw(peers, peer => peer !== first && usable(peer))
    if (second === null) return first
    const load = ({ busy, standing }: Peer): number => busy / standing.terms.weight
    return load(second) > load(first) ? first : second
  }

  #draw<P extends Peer>(peers: readonly P[], usable: (peer: P) => boolean): P | null {
    if (peers.length === 0) return null
    const total = totalWeight(peers)
    for (let tries = 0; tries <= MOST_TRIES; tries++) {
      const peer = atWeight(peers, Math.floor(this.#random() * total))
      if (usable(peer)) return peer
    }
    return null
  }
}
