// The smooth weighted round robin: each address gains its weight at each choice, whoever has most is taken and pays what
// all have gained. With weights 5, 1, 1 that is a a b a c a a, and never a a a a a b c.

import type { Peer, Picker } from './picker.ts'

export class RoundRobin implements Picker {
  readonly byKey = false

  pick<P extends Peer>(peers: readonly P[], usable: (peer: P) => boolean): P | null {
    return smooth(peers.filter(usable))
  }
}

/** The one whose turn it is, of these; one that has failed regains its weight step by step. */
export function smooth<P extends Peer>(peers: readonly P[]): P | null {
  let best: P | null = null
  let total = 0
  for (const peer of peers) {
    const { standing } = peer
    standing.currentWeight += standing.effectiveWeight
    total += standing.effectiveWeight
    if (standing.effectiveWeight < standing.terms.weight) standing.effectiveWeight++
    if (best === null || standing.currentWeight > best.standing.currentWeight) best = peer
  }
  if (best !== null) best.standing.currentWeight -= total
  return best
}

/** All weights together, of those as well that cannot be had: so a key's address stays when another goes. */
export function totalWeight(peers: readonly Peer[]): number {
  let total = 0
  for (const { standing } of peers) total += standing.terms.weight
  return total
}

/** The peer at this point of all weights laid end to end. */
export function atWeight<P extends Peer>(peers: readonly P[], point: number): P {
  for (const peer of peers) {
    if (point < peer.standing.terms.weight) return peer
    point -= peer.standing.terms.weight
  }
  return peers.at(-1)!
}
